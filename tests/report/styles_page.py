"""docs/styles.md: one table printed in every shipped style. ``python -m tests.report.styles_page`` writes it anew.

With ``--pictures FOLDER`` it also writes a LaTeX document of the tables, for the pictures in ``docs/images``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from shidian.code_digests import ROOT
from shidian.exhibits.did.did_table.estimate import run
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences
from shidian.report.styled.apply import as_printed
from shidian.report.tables.latex import table_latex
from shidian.report.tables.look import Look
from shidian.report.tables.markdown import table_markdown
from shidian.report.typography import with_minus
from shidian.study.styles import STATISTICS, read_style, shipped

PAGE = ROOT / "docs" / "styles.md"
COLUMNS = [{"controls": [], "fixed_effects": []}, {"fixed_effects": []}, {}]
HEAD = """# Styles: one table as journals print it

`style: aer` in a study file, in one exhibit, or in `config/config.yaml` for all studies of a run. The table is printed
again from its estimates; no number is estimated for it, but for statistics that its foot asks for (mean and standard
deviation of the outcome, its mean among the untreated, adjusted R², F, root mean squared error, log likelihood, AIC and
BIC: in every regression table, splits, mediation and two-stage least squares included). What stands in an
exhibit (`digits`, `stars`, `parentheses`, `tiny`, `statistics`) wins over any style; what stands in the study file wins
over the study's own style, and the style of the run over the study file. The language of a style (`zh` for the Chinese
ones) is that of the report where `config.yaml` names none.

```yaml
style: config/styles/mine.yaml       # a style of your own
```
```yaml
# config/styles/mine.yaml: every key is optional (config/README.md lists them)
based_on: qje
decimals: {coefficient: 2, se: 2, p: 3}
statistic: p                          # se, t, p, interval, none
brackets: square                      # round, square
place: beside                         # below, beside
foot: [other, controls, effects, outcome_mean, n_obs, n_clusters, r2_adjusted, f]
words: {Observations: N}
figures: {width: 5.0, dpi: 600, greyscale: true}
page: {width: 12.1, height: 19.3}      # cm of the text that LaTeX tables must fit: here elsarticle's
```

Beside a style, an exhibit chooses rows, headings and its note, and tables become panels of one:

```yaml
- id: table2
  kind: did_table
  layout:
    drop: ["^ln gdp"]                 # regular expressions that a row's label or term contains; keep, drop, order
    spanners: [{Income: ["(1)", "(2)"]}, {Rural: ["(2)"]}]    # a level a list entry, the outermost first
  notes: none                         # short, long, none: then `note` alone is printed, and SIMULATED where data are
- id: table3
  kind: panels
  panels: [{exhibit: table2, title: Panel A. All}, {exhibit: robust, title: Panel B. Robust}]
```

The styles describe what the printed papers of each journal mostly have; instructions leave much of it to authors, and
change: read those of the journal before you send a paper. Below, one made table in each, written by
`python -m tests.report.styles_page` and held to the program by a test; the pictures are the same tables in LaTeX.
"""


def sample() -> ExhibitResult:
    """Return three columns on a made panel, with every statistic that a foot may have."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame([(f"u{i:02d}", t) for i in range(40) for t in range(2005, 2015)], columns=["unit", "year"])
    frame["x"] = rng.normal(size=len(frame))
    treated = frame["unit"] < "u20"
    frame["adoption_year"] = pd.Series(np.where(treated, 2010, pd.NA), dtype="Int64")
    frame["did"] = (treated & (frame["year"] >= 2010)).astype(float)
    frame["y"] = 2 + 0.12 * frame["did"] + 0.05 * frame["x"] + 0.4 * rng.normal(size=len(frame))
    spec = {
        "id": "sample", "kind": "did_table", "outcome": "y", "controls": ["x"], "fixed_effects": ["unit", "year"],
        "vcov": {"kind": "cluster", "by": "unit"}, "columns": COLUMNS, "statistics": list(STATISTICS), "constant": True,
    }  # fmt: skip
    return run(frame, spec, StudyInfo("made", "locality", "did", {"y": "Wage", "did": "DID", "x": "Openness"}))


def printed(name: str, result: ExhibitResult) -> tuple[ExhibitResult, ExhibitMeta]:
    """Return the sample in a style, and what its files know of it."""
    style = read_style(ROOT, name, "at 'style'")
    stars = {"*": 0.1, "**": 0.05, "***": 0.01}
    meta = ExhibitMeta("made", name, lang=style.get("language", "en"), title=style["name"],
                       printing={"style": style, "estimated": {"digits": 4, "stars": stars}})  # fmt: skip
    return as_printed(result, meta), meta


def page() -> str:
    """Return the page."""
    result, parts = sample(), [HEAD]
    for name in shipped():
        found, meta = printed(name, result)
        about = " ".join(read_style(ROOT, name, "at 'style'")["description"].split())
        note = join_note(note_sentences(found, meta, short=True), meta.lang)
        note = with_minus(note).replace("*", "\\*")
        picture = f"![{name}](images/style_{name}.png)\n"
        parts.append("\n\n".join([f"## `{name}`: {meta.title}", about, table_markdown(found.table), note, picture]))
    return "\n".join(parts)


def document() -> str:
    """Return a LaTeX document with a page a style, for XeLaTeX."""
    result, pages = sample(), []
    for name in shipped():
        found, meta = printed(name, result)
        note = join_note(note_sentences(found, meta, short=True), meta.lang)
        pages.append(table_latex(found.table, meta.title, note, name, meta.lang, Look.of(meta.printing)))
    head = (
        r"\documentclass[11pt]{article}\usepackage[a5paper,landscape,margin=1cm]{geometry}"
        r"\usepackage{booktabs,siunitx,longtable,graphicx,pdflscape}\usepackage[UTF8]{ctex}"
        r"\renewcommand{\tablename}{Table}\pagestyle{empty}\begin{document}"
    )
    return head + "\n\\clearpage\n".join(pages) + "\\end{document}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    if len(sys.argv) > 2 and sys.argv[1] == "--pictures":
        (Path(sys.argv[2]) / "styles.tex").write_text(document(), encoding="utf-8")
