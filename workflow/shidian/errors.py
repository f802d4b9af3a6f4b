"""The errors a user can cause. Each says where, what was expected, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from shidian.messages import say


class ShidianError(Exception):
    """A mistake in the user's files or settings, worded for the user: printed without a traceback."""


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


class AuditError(ShidianError):
    """A bundle, a result folder or a file of printed tables cannot be read or is not what it says it is."""


def out_of_memory(problem: MemoryError) -> str:
    """Return what to say where the machine has not the memory that a method wants."""
    return say(
        "out of memory ({what}): leave out what is not needed (exhibits, columns, units, links between units), or run "
        "it where there is more memory",
        what=str(problem) or "MemoryError",
    )


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the valid name closest to ``name``, or an empty string."""
    close = get_close_matches(name, list(valid), n=1, cutoff=0.5)
    return say(" (did you mean '{name}'?)", name=close[0]) if close else ""


def no_column(name: object, columns: Iterable[str]) -> EstimationError:
    """Return the error of a variable that the panel has not, with the nearest one that it has."""
    near = nearest(str(name), map(str, columns))
    return EstimationError(say("the panel has no column '{name}'{nearest}", name=str(name), nearest=near))
