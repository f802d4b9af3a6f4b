"""The kinds that are asked: ours and that of the worked example; a user's own where ``shidian check-kinds`` asks."""

import os

from shidian.code_digests import ROOT
from shidian.extensions import folders, using
from shidian.study.kinds import kinds

EXTENSIONS = folders() or (ROOT / "docs" / "extensions_example",)
"""The extensions in force in these tests: those of the environment, else the worked example."""
ASKED = os.environ.get("SHIDIAN_KINDS", "")
"""Names of the kinds that are asked, by comma; all where it is empty."""

with using(EXTENSIONS):
    ROOMS = {name: kind for name, kind in kinds().items() if name in ASKED.split(",") or not ASKED}
