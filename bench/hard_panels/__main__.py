"""Ask all packages, judge them, write docs/hard_panels.md: ``python -m bench.hard_panels [FOLDER]``.

Fails where shidian is neither right nor refusing. Answers are kept in FOLDER when one is named, and read from there
where a package has answered before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.hard_panels.answer import Answer
from bench.hard_panels.ask import SECONDS, read
from bench.hard_panels.judge import Verdict, judge
from bench.hard_panels.packages import PACKAGES
from bench.hard_panels.page import Judged, faults, page
from bench.hard_panels.situations import PANELS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hard_panels.md"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


def collect(folder: Path) -> tuple[Judged, dict[str, str]]:
    """Let each package answer in a process of its own; return judged answers and versions."""
    judged: dict[tuple[str, str, str], tuple[Answer, Verdict]] = {}
    versions = {}
    for package in PACKAGES:
        path = folder / f"{package}.json"
        if not path.exists():
            command = [sys.executable, "-m", "bench.hard_panels.ask", package, str(path)]
            subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=True)
        versions[package], answers = read(path)
        truths = {panel.key: panel.truth for panel in PANELS}
        for (panel, method), found in answers.items():
            judged[package, panel, method] = found, judge(truths[panel], found, method)
    return judged, versions


def main(folder: Path) -> int:
    """Write the page; return 1 where shidian is wrong, and say where."""
    judged, versions = collect(folder)
    PAGE.write_text(page(PANELS, judged, versions, SECONDS), encoding="utf-8")
    wrong = faults(judged)
    print(f"{PAGE}: {len(judged)} answers on {len(PANELS)} panels")
    print("\n".join(wrong) or "shidian is right or refuses in all")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as made:
        sys.exit(main(Path(made)))
