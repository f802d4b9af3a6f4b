"""``shidian init``: a folder of one's own in which studies live, beside the project and not in it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from shidian.code_digests import ROOT
from shidian.errors import UsageError
from shidian.whole_files import whole

CONFIG = """\
# What runs, and where the raw files lie. Every key is explained in {root}/config/README.md.
studies: []               # `shidian new FILE` adds one
raw_data: resources/raw   # the environment variable SHIDIAN_RAW wins over it
language: en              # or zh
"""
SNAKEFILE = """\
# Runs the studies of config/ with shidian's workflow: snakemake --cores 4
module shidian:
    snakefile: {snakefile}


use rule * from shidian as shidian_*


rule all:
    default_target: True
    input:
        rules.shidian_all.input,
"""
IGNORED = """\
# results are made again from the raw files; raw files that may not be passed on stay out
/results/
/resources/raw/
/.snakemake/
"""
README = """\
# Replication package

| folder | what |
|---|---|
| `config/studies` | one file a study: sample, treatment, variables, exhibits |
| `config/sources` | one file a source: where its raw files come from, and how they are read |
| `config/corrections.yaml` | corrections of raw cells, each with its reason |
| `resources/raw` | the raw files; those that may not be passed on are named in `config/sources` with their checksums |
| `results` | tables, figures and reports, made by one command |

**Data.** Say here where each source is to be had, under which terms, and what it costs.

**To run it.** With shidian installed ({root}), in this folder:

```
snakemake --cores 4        # all studies
shidian trace STUDY EXHIBIT COLUMN
```

Started with shidian {version}. Run times stand in `results/benchmarks`.
"""


def init(folder: Path) -> str:
    """Make a project: configuration, Snakefile, README in the form that data editors ask for, .gitignore.

    Args:
        folder: where; made when it is not there.

    Raises:
        UsageError: it is a project already, or one of the files is there.
    """
    texts = {
        "config/config.yaml": CONFIG.format(root=ROOT),
        "config/corrections.yaml": "corrections: []\n",
        "Snakefile": SNAKEFILE.format(snakefile=json.dumps(str(ROOT / "Snakefile"), ensure_ascii=False)),
        ".gitignore": IGNORED,
        "README.md": README.format(root=ROOT, version=_version()),
    }
    there = [name for name in texts if (folder / name).exists()]
    if there:
        raise UsageError(f"{folder}: {there[0]} is there already; a project is begun in an empty folder")
    for name in ("config/studies", "config/sources", "resources/raw"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with whole(folder / name) as part:
            part.write_text(text, encoding="utf-8")
    return "\n".join([
        f"wrote {', '.join(texts)} in {folder}",
        "Next, in that folder: shidian new PANEL_FILE; snakemake --cores 4",
    ])  # fmt: skip


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
