"""What the warm process does once all packages are imported: importing this module is the last thing before the jobs.

It knows no message and no other module of shidian, see ``shidian.warm_jobs``.
"""

from __future__ import annotations

import gc


def _compiled_types() -> None:
    """Have Numba learn the types of NumPy, which takes each process half a second that calls a compiled function."""
    try:
        from numba.core.registry import cpu_target
    except ImportError:
        return
    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()


_compiled_types()
gc.collect()
gc.freeze()  # no job looks through what all share: its pages stay shared
