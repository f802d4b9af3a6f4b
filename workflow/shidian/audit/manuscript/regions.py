"""What was put into a manuscript, and how the next run knows it again: its mark and a digest of what was inserted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from shidian.errors import AuditError
from shidian.messages import joined, say


@dataclass(frozen=True)
class Change:
    """One mark: what stood there and what stands there now; ``before`` is empty at the first run."""

    mark: str
    before: str
    after: str
    block: bool = False

    @property
    def moved(self) -> bool:
        """Whether another number, table or figure stands there than before."""
        return bool(self.before) and self.before != self.after


@dataclass
class Log:
    """What a run did and what it could not, over a whole manuscript.

    Attributes:
        changes: marks that were filled.
        faults: (where, mark, what is wrong).
        left: marks that are the author's own.
    """

    changes: list[Change] = field(default_factory=list)
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def raise_faults(self, name: str) -> None:
        """Raise all faults as one line; nothing where there is none.

        Raises:
            AuditError: with every place and mark.
        """
        if self.faults:
            parts = [say("{where}, {mark}: {what}", where=w, mark=m, what=t) for w, m, t in dict.fromkeys(self.faults)]
            raise AuditError(say("{name}: {faults}; nothing was written", name=name, faults=joined(parts, "clauses")))


def digest(text: str) -> str:
    """Return a short digest of what was inserted, the same however an editor sets blanks and dashes."""
    same = re.sub(r"[–−\u2011]", "-", re.sub(r"\s+", "", text))
    return hashlib.sha256(same.encode()).hexdigest()[:8]


def edited() -> str:
    """Return why an edited region is not replaced."""
    return say("was edited since it was inserted: move your words out of it, or run with --replace-edited")


def no_end() -> str:
    """Return why a mark cannot be read that begins as one."""
    return say("has no end on its line: close it by }}}}")
