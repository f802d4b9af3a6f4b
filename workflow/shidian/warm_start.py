"""What the warm process does once all packages are imported: importing this module is the last thing before the jobs.

Of shidian itself it imports modules that say no message when they are imported, so that a job knows just what its own
imports say (``shidian.warm_jobs``): those that most jobs import.
"""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module

COMMON = (
    "shidian.job",
    "shidian.used",
    "shidian.printed",
    "shidian.schema",
    "shidian.web_links",
    "shidian.messages.periods",
    "shidian.study.kinds",
    "shidian.study.table_formats",
    "shidian.exhibits.crossed",
    "shidian.exhibits.legend",
    "shidian.exhibits.sample_rules",
    "shidian.exhibits.varied_columns",
    "shidian.inference.small_sample",
    "shidian.did.within",
    "shidian.report.archive",
    "shidian.report.captions",
    "shidian.report.catalogue",
    "shidian.report.fonts",
    "shidian.report.ledger_names",
    "shidian.report.typography",
    "shidian.report.tables.latex_cells",
)
"""They import no module that says a message either; a test looks."""


def _compiled_types() -> None:
    """Have Numba learn the types of NumPy, which takes each process half a second that calls a compiled function."""
    try:
        from numba.core.registry import cpu_target
    except ImportError:
        return
    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()


for name in COMMON:
    with suppress(ImportError):
        import_module(name)
_compiled_types()
gc.collect()
gc.freeze()  # no job looks through what all share: its pages stay shared
gc.set_threshold(20_000, 20, 20)  # nor every few hundred objects through its own
