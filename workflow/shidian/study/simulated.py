"""Which sources the workflow makes itself, and what real source stands for a simulated one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.schema import read_schema, read_yaml
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
            f"of {', '.join(simulated)} too, under 'real_sources' in config/config.yaml, or take the study out of "
            "'studies' there"
        )


def real_sources(root: Path) -> Mapping[str, str]:
    """Return simulated source -> real source that is read in its place, as ``config/config.yaml`` says."""
    path = root / "config" / "config.yaml"
    content = read_yaml(path) if path.exists() else {}
    declared = content.get("real_sources") if isinstance(content, dict) else None
    chosen = {str(a): str(b) for a, b in declared.items()} if isinstance(declared, dict) else {}
    there = [p.stem for p in (root / "config" / "sources").glob("*.yaml")]
    for name in (*chosen, *chosen.values()):
        if name not in there:
            raise StudyError(
                f"config/config.yaml: at 'real_sources': there is no config/sources/{name}.yaml{nearest(name, there)}"
            )
    return chosen


def with_real_sources(content: Any, chosen: Mapping[str, str]) -> Any:
    """Return the content of a study file with simulated sources replaced, wherever it names them."""
    if not chosen or not isinstance(content, dict):
        return content
    sources = content.get("sources")
    replaced = {k: _renamed(v, chosen) for k, v in content.items() if k != "sources"}
    if isinstance(sources, dict):
        sources = {chosen.get(str(name), name): how for name, how in sources.items()}
    return {k: sources if k == "sources" else replaced[k] for k in content}


def _renamed(value: Any, chosen: Mapping[str, str]) -> Any:
    """Replace ``source.`` in every text below a value."""
    if isinstance(value, str):
        for old, new in chosen.items():
            value = re.sub(rf"\b{re.escape(old)}\.(?=[a-z])", f"{new}.", value)
        return value
    if isinstance(value, dict):
        return {key: _renamed(inner, chosen) for key, inner in value.items()}
    return [_renamed(inner, chosen) for inner in value] if isinstance(value, list) else value


def simulation_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the declared simulation: ``seed``, and ``units`` (None for full size)."""
    declared = config.get("simulation", {})
    default = read_schema("config")["properties"]["simulation"]["properties"]["seed"]["default"]
    return {"seed": declared.get("seed", default), "units": declared.get("units")}
