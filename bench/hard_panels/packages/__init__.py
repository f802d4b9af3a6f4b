"""The packages, each asked as its manual says.

Each module has ``ANSWERS``: method -> function of the panel and its rows that returns numbers, and words told beside
them. What a package does not offer has no entry.
"""

from __future__ import annotations

PACKAGES = {
    "shidian": "", "statspai": "StatsPAI", "pyfixest": "pyfixest", "diff_diff": "diff-diff", "csdid": "csdid",
}  # fmt: skip
"""Package -> name of its distribution, none for this checkout."""
