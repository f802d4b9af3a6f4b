"""Which sources the workflow makes itself; a study is on simulated or on real data, never on both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shidian.errors import StudyError
from shidian.schema import read_schema
from shidian.yearbook.source import Source

MADE_ROOT = "results"
"""Root of the paths of the files that the simulator writes, in the place of the folder of raw workbooks."""
MADE_FOLDER = "simulated"
"""First part of those paths."""
SHIPPED = "package:shidian/"
"""First part of the paths of files that are part of the project: tables that serve simulated and real studies alike."""
SUFFIX = {"en": " (SIMULATED data)", "zh": "（模拟数据 SIMULATED）"}
"""What the title of a study on simulated data ends with."""
SENTENCE = {
    "en": "The data are simulated; nothing here is a statement about real places.",
    "zh": "数据为模拟，内容不涉及真实的地区。",
}
"""What the description of a study on simulated data ends with."""
COMPARED = {
    True: {"en": "What was planted and what is recovered", "zh": "设定值与估计值"},
    False: {"en": "Published and reproduced numbers", "zh": "原文值与复现值"},
}
"""Whether there is a planted truth -> title of a comparison that declares none."""
IN_THE_WORLD = re.compile(r"sim_(city|county|province)_(yearbook|units)|sim_pilots_[a-z_]+")
"""Sources whose records a simulated world gives without any workbook (``shidian.simulate.records``)."""


def is_made(source: Source) -> bool:
    """Say whether the workflow's simulator writes the files of a source."""
    return source.simulated and all(file.path.startswith(f"{MADE_FOLDER}/") for file in source.files)


def refuse_mixture(study: str, sources: Iterable[Source]) -> None:
    """Refuse a study of real and simulated data: a list drawn for the simulation must not enter a study of real data.

    Tables that are part of the project go with both.

    Raises:
        StudyError: the simulated sources that still need a real one.
    """
    own = [s for s in sources if s.simulated or not all(file.path.startswith(SHIPPED) for file in s.files)]
    simulated, real = ([s.source for s in own if s.simulated is kind] for kind in (True, False))
    if simulated and real:
        raise StudyError(
            f"study '{study}' would mix real data ({', '.join(real)}) with simulated data; name a real source for each "
            f"of {', '.join(simulated)} too, under 'real_sources' in config/config.yaml ('null' leaves one out, "
            f"`shidian needs {study}` drafts the entries), or take the study out of 'studies' there"
        )


def simulation_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the declared simulation: ``seed``, and ``units`` (None for full size)."""
    declared = config.get("simulation", {})
    default = read_schema("config")["properties"]["simulation"]["properties"]["seed"]["default"]
    return {"seed": declared.get("seed", default), "units": declared.get("units")}
