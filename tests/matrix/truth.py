"""Rows of the matrix: published numbers, and what is planted in simulated yearbooks."""

from __future__ import annotations

from typing import Any

import yaml
from shidian.errors import StudyError
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.stacked.panels.estimate import run as stack_panels
from shidian.exhibits.truth.comparison.estimate import run as compare_published
from shidian.exhibits.truth.efficiency_recovery.estimate import run as recover
from shidian.study.resolve import resolve_exhibits

from tests.matrix.cells import WEIGHTS, Asked, Numbers, Refused, Row
from tests.matrix.did import GROUPS
from tests.matrix.peers import feols, numbers
from tests.matrix.runs import checked, made_of, resolved, run, shaped
from tests.matrix.shapes import SHAPES

TABLE = {"id": "base", "kind": "did_table", "columns": [{}]}
PUBLISHED = {"source": "A study.", "t": {"did": ["0.6", "0.2", "2"]}}
DID = {"what": "did", "at": "t.did", "exhibit": "base", "column": "(1)", "term": "did"}


def comparison(asked: Asked) -> Numbers:
    """The coefficient beside the published one, by pyfixest."""
    fit = feols(asked.rows, "y", ["did", "x"], asked.effects, asked.weights)
    return numbers(fit, "base: (1)", ["did"])


def compared(shape: str, exhibit: dict[str, Any]) -> ExhibitResult:
    """Return the comparison of a table of the shaped study with a published number."""
    path = made_of(shape).folder / "resources" / "published" / "paper.yaml"
    path.write_text(yaml.safe_dump(PUBLISHED), encoding="utf-8")
    spec, info = resolved(checked(shape, TABLE, exhibit), exhibit["id"])
    return compare_published({"base": run(shape, TABLE)}, PUBLISHED, spec, info)


def efficiency_recovery(asked: Asked) -> Numbers:
    """The regression of the score by pyfixest, and its shift."""
    fit = feols(asked.rows, "gie", ["did", "x"], asked.effects)
    return {**numbers(fit, "Scores", ["did"]), ("closeness", "Bias, all scores"): {"estimate": 0.25}}


def recovered(shape: str, exhibit: dict[str, Any]) -> ExhibitResult:
    """Return scores beside a truth that lies a quarter below them, as the job of a simulated study does."""
    panel, declared = made_of(shape).panel, {**shaped(shape).study, "exhibits": [exhibit]}
    (spec,) = resolve_exhibits(declared, {})
    truth = panel[["unit", "year", "gie"]].assign(gie=panel["gie"] - 0.25)
    return recover(panel, truth, panel, spec, StudyInfo("matrix", "city", "did", {}))


def stacked(shape: str, exhibit: dict[str, Any]) -> ExhibitResult:
    """Return a table of the shaped study as a panel beside one without the control."""
    other = {**TABLE, "id": "other", "controls": []}
    spec, info = resolved(checked(shape, TABLE, other, exhibit), exhibit["id"])
    return stack_panels({"base": run(shape, TABLE), "other": run(shape, other)}, spec, info)


def left_out(shape: str, exhibit: dict[str, Any]) -> ExhibitResult:
    """Say as check does that a study of real sources has no such exhibit."""
    plan = checked(shape, exhibit)
    assert plan.studies["matrix"].exhibits == ()
    (said,) = plan.notices
    raise StudyError(said)


PLANTED = Refused("the kind extraction_grade", "simulated yearbooks", "left out of a study of real sources")
ROWS = {
    "comparison": Row({"published": "paper", "numbers": [DID]}, comparison, "pyfixest", runner=compared, category=None),
    "panels": Row({"panels": [{"exhibit": "base"}, {"exhibit": "other"}]}, comparison, "pyfixest", runner=stacked,
                  category=None),
    "efficiency_recovery": Row({"score": "gie"}, efficiency_recovery, "pyfixest", {"weights": WEIGHTS},
                               runner=recovered, category=GROUPS),
    "extraction_grade": Row({}, comparison, "", dict.fromkeys(SHAPES, PLANTED), runner=left_out, category=None),
}  # fmt: skip
"""Kind -> its row."""
