"""The errors a user can cause. Each says where, what was expected, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from shidian.messages import say


class ShidianError(Exception):
    """A mistake in the user's files or settings, worded for the user: printed without a traceback."""


class UsageError(ShidianError):
    """What was asked of a command cannot be: an unknown name, an argument that fits nothing."""


class StudyError(ShidianError):
    """The study file or the configuration is wrong."""


class SourceError(ShidianError):
    """A raw workbook or its source file is wrong: missing, damaged, moved header, unreadable number."""


class PanelError(ShidianError):
    """The panel cannot be built: duplicated unit-years, unmatched units, impossible years."""


class EstimationError(ShidianError):
    """An estimator cannot give a number for this sample, and says why."""


class SpecificationError(EstimationError):
    """An exhibit's settings ask an estimator for what it could give on no sample."""


class SimulationError(ShidianError):
    """The simulated world cannot be made: an unattainable moment, a batch larger than its pool, an unknown item."""


class ReportError(ShidianError):
    """A table, figure or report cannot be rendered: a font is missing, a figure's data are incomplete."""


class NothingToDrawError(ReportError):
    """A figure has no number to draw: no estimate could be given."""


class AuditError(ShidianError):
    """A bundle, a result folder or a file of printed tables cannot be read or is not what it says it is."""


class Faults:
    """What is wrong in steps that do not need one another, so that a user is told all of it at once."""

    def __init__(self) -> None:
        self._found: list[ShidianError] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep what is wrong in a step and go on behind it."""
        try:
            yield
        except ShidianError as problem:
            self._found.append(problem)

    def raise_all(self) -> None:
        """Raise all that was kept, each line once, as an error of the class of the first; nothing where none was."""
        if self._found:
            lines = dict.fromkeys(line for problem in self._found for line in str(problem).splitlines())
            raise type(self._found[0])("\n".join(lines)) from self._found[0].__cause__


def out_of_memory(problem: MemoryError) -> str:
    """Return what to say where the machine has not the memory that a method wants."""
    return say(
        "out of memory ({what}): leave out what is not needed (exhibits, columns, units, links between units), or run "
        "it where there is more memory",
        what=str(problem) or "MemoryError",
    )


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the valid name closest to ``name``, or "" where none is really near.

    Near is a slip of the keyboard, another ending, case or order of words; a word that only shares letters is not.
    """
    by_case: dict[str, str] = {}
    for known in valid:
        by_case.setdefault(known.casefold(), known)
    wanted = name.casefold()
    close = get_close_matches(wanted, list(by_case), n=5, cutoff=0.5)
    near = next((by_case[known] for known in close if _is_near(wanted, known)), "")
    return say(" (did you mean '{name}'?)", name=near) if near else ""


def hint(name: str, valid: Iterable[str], answer: str, elsewhere: str = "") -> str:
    """Return in brackets what helps with a name that is not known.

    That is its plural or singular among the valid names, what serves in its place, else a name near, else where it is
    one.
    """
    known = list(valid)
    near = nearest(name, known)
    if any(known_name in (f"{name}s", name.removesuffix("s")) for known_name in known):
        return near
    if answer or (elsewhere and not near):
        return f" ({answer or elsewhere})"
    return near


def slips(first: str, second: str) -> int:
    """Return how many letters must be put in, left out, changed or swapped with their neighbour to make one of two.

    >>> slips("contorls", "controls"), slips("poisson", "comparison")
    (1, 6)
    """
    table = [list(range(len(second) + 1))]
    for i, letter in enumerate(first, start=1):
        above, row = table[-1], [i]
        for j, other in enumerate(second, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, table[i - 2][j - 2] + 1)
            row.append(cost)
        table.append(row)
    return table[-1][-1]


def _is_near(wanted: str, known: str) -> bool:
    words, others = (set(re.findall(r"[^\W_]+", text)) for text in (wanted, known))
    if words and others and (words <= others or others <= words):
        return True
    longer = max(len(wanted), len(known))
    start = next((i for i, pair in enumerate(zip(wanted, known, strict=False)) if pair[0] != pair[1]), longer)
    return start * 2 >= longer or slips(wanted, known) <= max(1, longer // 4)


def no_column(name: object, columns: Iterable[str]) -> EstimationError:
    """Return the error of a variable that the panel has not, with the nearest one that it has."""
    near = nearest(str(name), map(str, columns))
    return EstimationError(say("the panel has no column '{name}'{nearest}", name=str(name), nearest=near))
