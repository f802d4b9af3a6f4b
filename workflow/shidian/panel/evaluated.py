"""What a formula gives in every row of a panel: a value, whether what it needs is there, and why it has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Remark:
    """What befell some rows in a function.

    Attributes:
        rows: (n,) which.
        reason: what, as errors and the ledger say it; "" for arithmetic that has no value, as a logarithm of zero.
        is_fault: whether it has no value there although what it needs is there, as where it would divide by zero.
    """

    rows: np.ndarray
    reason: str
    is_fault: bool = True


@dataclass(frozen=True)
class Evaluated:
    """The value of an expression.

    Attributes:
        values: (n,) values, or one number for all rows; not finite where there is none.
        present: (n,) whether all that it reads has a value, or one truth for all rows.
        remarks: why functions in it have no value, rows by rows.
    """

    values: np.ndarray
    present: np.ndarray
    remarks: tuple[Remark, ...] = ()

    def column(self, n: int) -> Evaluated:
        """Return it with a value in each of n rows, also where it is one number."""
        values = np.broadcast_to(np.asarray(self.values, dtype=float), n)
        return Evaluated(values, np.broadcast_to(self.present, n), self.remarks)

    def within(self, rows: np.ndarray) -> Evaluated:
        """Return it with its remarks on some rows only."""
        return replace(self, remarks=tuple(replace(one, rows=one.rows & rows) for one in self.remarks))


def remarks_of(parts: Sequence[Evaluated]) -> tuple[Remark, ...]:
    """Return the remarks of several expressions."""
    return tuple(remark for part in parts for remark in part.remarks)
