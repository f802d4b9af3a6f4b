"""The formats that an exhibit's table is printed in: one file each, which declares ``FORMAT`` beside its ``write``.

Ours lie in ``report/tables/formats``, those of an extension in its folder ``formats``. The graph of jobs reads the
endings of the files from the declarations; ``write(result, meta) -> bytes`` runs in the job.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shidian.declarations import Declaration, declarations, refuse_twice, refuse_unknown
from shidian.errors import StudyError
from shidian.extensions import folders

FIGURE_ENDINGS = (".png", ".pdf", ".svg")
KEYS = ("ending", "without_table")
_ENDING = re.compile(r"(_[a-z0-9]+)?\.[a-z0-9]+")


@dataclass(frozen=True)
class TableFormat:
    """A format of tables.

    Attributes:
        name: its name, that of its file.
        module: the module with ``write``.
        path: the file.
        ending: what follows the exhibit's id in the name of the printed file.
        without_table: whether an exhibit without a table is written as well, from its estimates.
    """

    name: str
    module: str
    path: Path
    ending: str
    without_table: bool = False


def table_formats() -> Mapping[str, TableFormat]:
    """Return every format by name, in alphabetical order.

    Raises:
        StudyError: a declaration with an unknown key, without an ending, or with one that another format has.
    """
    return _table_formats(folders())


def format_modules() -> tuple[str, ...]:
    """Return the modules that write tables, for the digest of the jobs that print."""
    return tuple(one.module for one in table_formats().values())


@cache
def _table_formats(_extensions: tuple[Path, ...]) -> Mapping[str, TableFormat]:
    declared = declarations("FORMAT", ("report/tables/formats",), "formats")
    found = {name: _format(one) for name, one in declared.items()}
    taken: dict[str, Path] = {}
    for one in found.values():
        refuse_twice(one.ending, one.path, taken)
        taken[one.ending] = one.path
    return found


def _format(one: Declaration) -> TableFormat:
    refuse_unknown("FORMAT", one.path, one.content, KEYS)
    ending = str(one.content.get("ending", ""))
    if not _ENDING.fullmatch(ending) or ending in FIGURE_ENDINGS:
        raise StudyError(
            f"{one.path}: FORMAT needs an 'ending' such as '.rst' or '_long.csv', not that of a figure; "
            f"found '{ending}'"
        )
    return TableFormat(one.name, one.module, one.path, ending, bool(one.content.get("without_table", False)))
