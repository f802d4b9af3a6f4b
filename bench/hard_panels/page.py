"""The page of the hard panels: docs/hard_panels.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bench.hard_panels.answer import Answer
from bench.hard_panels.judge import CRASHED, REFUSED, RIGHT, SAID, SILENT, Verdict
from bench.hard_panels.packages import PACKAGES
from bench.hard_panels.panel import METHODS, HardPanel

Judged = Mapping[tuple[str, str, str], tuple[Answer, Verdict]]
"""(package, panel, method) -> answer and verdict."""
KINDS = {
    RIGHT: "right", REFUSED: "refused", SAID: "wrong, said", SILENT: "wrong, silent", CRASHED: "crashed",
}  # fmt: skip
LONGEST = 220
HEAD = """# Hard panels

Written by `make hard-panels`; not by hand. {n} small panels with a planted truth, each given to shidian and to four
other packages: what each prints, and whether a wrong number comes with a word.

All treated unit-years of a panel have the same effect and disturbances are tiny (0.001 unless said), so every
estimator aims at the same number and misses it by less than the tolerance unless it is wrong. An answer is judged by
its worst number:

- **right**: every number printed lies within the tolerance (a hundredth of the effect's unit unless said); what is not
  known is left out.
- **refused**: no number, and a reason.
- **wrong, said**: a number beyond the tolerance, or one that the rows cannot tell, or a standard error that is zero,
  negative, absurd (above a quarter of the effect's unit) or cannot exist, beside a warning that names the cause.
- **wrong, silent**: the same without such a warning; also a reason that is not true.
- **crashed**: no answer within {seconds:g} seconds, or an internal error. Any exception of another package counts as
  refused.

Packages are asked as their manuals say, never-treated units coded as each documents; warnings about their own code
(deprecations) are not counted. `–`: not offered, or not asked there. shidian is asked through the exhibits of a study.

Versions: {versions}.
"""

READING = """## In plain words

We chose the panels, among them faults that these packages and ours once had: the counts are no ranking. On ordinary
panels all five print the same effects. They part where the data cannot carry the question:

- **Nobody at the reference period** (two-yearly panels, a lost year). The plain event studies of StatsPAI and pyfixest
  put the missing base into all coefficients, 0 where the effect is 1, or an error of 100,000; pyfixest beside a note
  that variables were dropped, StatsPAI without. Callaway-Sant'Anna is right wherever it answers.
- **Gaps.** LP-DID of StatsPAI and pyfixest differs as if rows were years; that of diff-diff is right. Stacked DID of
  diff-diff moves with gaps; that of StatsPAI does not.
- **A cohort that adopts in the year zero.** Zero means never treated to the four packages, as their manuals say, and no
  warning says that a cohort was taken for it.
- **Nothing to estimate an error from** (no disturbances, an outcome that never changes). Errors of 1e-16 are printed.
- **One treated unit, four clusters.** Numbers are right everywhere; what is judged is the sentence about the errors.
- **Stacked DID of diff-diff on sound panels.** Its "absurd" errors are those of the published pooled regression: wide
  by construction. shidian prints them with `stack_effects: pooled`.

Where others do more: StatsPAI, and mostly diff-diff, answer where shidian refuses, and are right, on unit-years that
stand twice, on one unit at a level of 1e8 (shidian takes what is left beside it for rounding), and with
Callaway-Sant'Anna on units with gaps (shidian wants `balance: pair`). A refusal is safe, but it is no answer.
"""


def page(panels: Sequence[HardPanel], judged: Judged, versions: Mapping[str, str], seconds: float) -> str:
    """Return the page as Markdown."""
    named = ", ".join(f"{name} {versions[name]}" for name in PACKAGES)
    head = HEAD.format(n=len(panels), seconds=seconds, versions=named)
    parts = [head, *_counts(judged), READING, *_overview(panels, judged)]
    for number, panel in enumerate(panels, start=1):
        parts += _panel(number, panel, judged)
    return "\n".join(parts) + "\n"


def faults(judged: Judged, package: str = "shidian") -> list[str]:
    """Return one line for each answer of a package that is neither right nor refused."""
    return [
        f"{panel} {method}: {KINDS[verdict.kind]}, {_words(answer, verdict)}"
        for (name, panel, method), (answer, verdict) in judged.items()
        if name == package and verdict.kind not in (RIGHT, REFUSED)
    ]


def _counts(judged: Judged) -> list[str]:
    rows = []
    for package in PACKAGES:
        kinds = Counter(verdict.kind for (name, _, _), (_, verdict) in judged.items() if name == package)
        rows.append([package, *(str(kinds[kind]) for kind in KINDS), str(kinds.total())])
    return ["## Answers", "", *_table(["package", *KINDS.values(), "all"], rows), ""]


def _overview(panels: Sequence[HardPanel], judged: Judged) -> list[str]:
    rows = []
    for number, panel in enumerate(panels, start=1):
        cells = []
        for package in PACKAGES:
            kinds = Counter(v.kind for (name, key, _), (_, v) in judged.items() if (name, key) == (package, panel.key))
            cells.append(", ".join(f"{kinds[kind]} {_strong(kind)}" for kind in KINDS if kinds[kind]) or "–")
        rows.append([f"{number}. {panel.title}", *cells])
    return ["## Panels", "", *_table(["panel", *PACKAGES], rows), ""]


def _panel(number: int, panel: HardPanel, judged: Judged) -> list[str]:
    rows = []
    for method in panel.methods:
        answers = [judged.get((package, panel.key, method)) for package in PACKAGES]
        rows.append([METHODS[method], *("–" if found is None else _words(*found) for found in answers)])
    reasons: dict[str, list[str]] = {}
    for method in panel.methods:
        answer, verdict = judged.get(("shidian", panel.key, method), (Answer(), Verdict(RIGHT)))
        if verdict.kind == REFUSED:
            reasons.setdefault(answer.refused, []).append(METHODS[method])
    said = [f"shidian refuses ({', '.join(names)}): {_short(reason)}" for reason, names in reasons.items()]
    window = f"Window {panel.window[0]} … {panel.window[1]}; clustered by {' and '.join(panel.clusters)}."
    if panel.declared:
        keys = ", ".join(f"{key}: {value}" for key, value in panel.declared.items())
        said.append(f"shidian is asked with `{keys}`; its default keeps the number beside a warning.")
    return [
        f"### {number}. {panel.title}", "", f"{panel.situation} {window}", "",
        *_table(["", *PACKAGES], rows), "", *(line for text in said for line in (text, "")),
    ]  # fmt: skip


def _words(answer: Answer, verdict: Verdict) -> str:
    if verdict.kind in (REFUSED, CRASHED):
        return _strong(verdict.kind)
    number = verdict.shown
    shown = "" if number is None else f"{_quantity(number.quantity)}{number.estimate:.4g} ({number.se:.2g})"
    if verdict.kind == RIGHT:
        return shown.replace("(nan)", "(–)")
    return f"{shown} **{verdict.fault}**, {'said' if verdict.kind == SAID else 'silent'}".strip()


def _quantity(name: str) -> str:
    return "" if name == "ATT" else f"τ{name.removeprefix('tau').replace('-', '−')}: "


def _strong(kind: str) -> str:
    return f"**{KINDS[kind]}**" if kind in (SILENT, CRASHED) else KINDS[kind]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]} …"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [list(head), ["---"] * len(head), *([text.replace("|", "\\|") for text in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in cells]
