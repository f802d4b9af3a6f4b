"""Studies of one period: scores and regressions of a cross-section, and what compares periods refused."""

import copy

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IV2SLS
from shidian.errors import StudyError

from .built_study import Built, built_study, flat_source

pytestmark = pytest.mark.usefixtures("own_raw_files")

RNG = np.random.default_rng(8)
CITIES = pd.DataFrame({
    "code": np.arange(101, 141), "province": np.repeat([1, 2, 3, 4], 10), "year": 2018,
    **{name: RNG.lognormal(size=40).round(6) for name in ("capital", "labour", "gdp", "z", "x")},
    "pilot": (np.arange(40) % 3 == 0).astype(int),
})  # fmt: skip
SOURCE = flat_source(
    "cities", {"level": "other", "code": "code", "code_kind": "plain"},
    {"province": "1", "capital": "1", "labour": "1", "gdp": "1", "z": "1", "x": "1", "pilot": "1"}, "year",
)  # fmt: skip
STUDY = {
    "study": "one_year", "title": "Cities in 2018", "unit": {"label": "city"}, "years": {"first": 2018, "last": 2018},
    "sources": {"cities": {"role": "frame"}}, "treatment": {"name": "did", "status": "pilot"},
    "variables": {
        "k": "capital", "l": "labour", "y": "gdp", "ln_y": "ln(gdp)", "ln_k": "ln(capital)", "ln_z": "ln(z)",
        "ln_x": "ln(x)", "area": "province",
    },
    "outcome": "ln_y", "controls": ["ln_x"], "vcov": {"kind": "hetero"},
}  # fmt: skip
DID = {"id": "did", "kind": "did_table", "ssc": "reghdfe", "columns": [{}, {"fixed_effects": ["area"]}]}
IV = {"id": "iv", "kind": "iv_table", "endogenous": ["ln_k"], "instruments": ["ln_z"]}
SCORES = {
    "id": "scores", "kind": "efficiency_scores",
    "model": {"inputs": ["k", "l"], "desirable": ["y"], "super_efficiency": False},
}  # fmt: skip


def run(folder, *exhibits, table=CITIES, source=SOURCE, **changes) -> Built:
    study = {**copy.deepcopy(STUDY), "exhibits": list(exhibits)}
    return built_study(folder, {**study, **changes}, [(source, table)])


def of(result, term, column):
    row = result.estimates.set_index(["column", "term"]).loc[(column, term)]
    return float(row["estimate"]), float(row["se"])


def test_regressions_of_one_year(tmp_path):
    iv = {**IV, "ssc": "ivreg2"}
    found = run(tmp_path, DID, iv, {"id": "summary", "kind": "descriptives"}).results
    logs = {f"ln_{n}": np.log(CITIES[c]) for n, c in (("y", "gdp"), ("k", "capital"), ("z", "z"), ("x", "x"))}
    frame = pd.DataFrame(logs).assign(did=CITIES["pilot"], one=1.0)
    theirs = IV2SLS(frame["ln_y"], frame[["one", "ln_x"]], frame["ln_k"], frame["ln_z"]).fit(cov_type="robust")
    assert of(found["iv"], "ln_k", "(1)") == pytest.approx((theirs.params["ln_k"], theirs.std_errors["ln_k"]), rel=1e-8)
    X = frame[["did", "ln_x", "one"]].to_numpy(float)
    coef = np.linalg.lstsq(X, frame["ln_y"].to_numpy(), rcond=None)[0]
    assert of(found["did"], "did", "(1)")[0] == pytest.approx(coef[0], rel=1e-10)
    for result in found.values():
        said = [*result.notes, *result.warnings]
        assert not any(
            words in text for text in said for words in ("every year observed", "year fixed effects", "2018")
        )


def test_scores_of_one_year_and_of_rows_without_a_code(tmp_path):
    named = run(tmp_path / "a", SCORES).results["scores"]
    source = copy.deepcopy(SOURCE)
    source["tables"][0]["unit"] = {"level": "other", "row_number": True}
    source["tables"][0] |= {"ignore": ["code"], "year": {"fixed": 2018}}
    table = CITIES.drop(columns="year")
    numbered = run(tmp_path / "b", SCORES, table=table, source=source).results["scores"]
    np.testing.assert_allclose(named.estimates["estimate"], numbered.estimates["estimate"], rtol=1e-9)
    both = run(tmp_path / "c", SCORES, table=table, source=source, rows="individuals").results["scores"]
    np.testing.assert_allclose(named.estimates["estimate"], both.estimates["estimate"], rtol=1e-9)


def test_all_cities_of_one_year_are_treated_or_not_and_the_ledger_lists_none(tmp_path):
    ledger = run(tmp_path, DID).panel.ledger
    line = ledger[ledger["step"] == "treatment"].iloc[0]
    assert (line["subject"], line["units"]) == ("did", CITIES["pilot"].sum())


REFUSED = [
    ({"kind": "event_study", "window": [-2, 2]}, {}, "event_study compares periods and needs 2.*did_table, iv_table"),
    ({"kind": "trend", "variable": "y"}, {}, "the kind trend compares periods"),
    ({"kind": "placebo", "fixed_effects": [], "ssc": "reghdfe"}, {}, "the kind placebo compares periods"),
    ({"kind": "staggered_did", "window": [-1, 1]}, {}, "the kind staggered_did compares periods"),
    ({"kind": "threshold", "threshold_variable": "ln_k", "regressors": ["ln_x"]}, {}, "the kind threshold compares"),
    (DID, {"fixed_effects": ["unit"]}, "'fixed_effects' has 'unit', which has a level for every row.*group's column"),
    ({**DID, "columns": [{"fixed_effects": ["area", "year"]}]}, {}, "'year', which is the same in every row"),
    ({**DID, "columns": [{"fixed_effects": ["area#unit"]}]}, {}, "has 'area#unit'"),
    ({**DID, "hausman": True}, {}, "'hausman' compares effects of units, and the study has one period"),
    ({**DID, "always_treated": "leave_out"}, {}, "would leave every treated unit of a study of one period out"),
    ({**IV, "instruments": [{"lag": "ln_k"}]}, {}, "{lag: ln_k}.*the study has one period: name a column"),
    ({"kind": "mixed_table", "columns": [{"matching": {"covariates": ["ln_x"]}}]}, {}, "'matching' pairs units"),
    (DID, {"variables": {**STUDY["variables"], "ln_x": "lag(x, 1)"}}, r"lag\(...\).*and the study has one: leave it"),
    (DID, {"fill": [{"series": "x", "max_gap": 1}]}, "at 'fill': a gap is a unit's between two periods, and the study"),
    (DID, {"years": {"first": 2018, "last": 2017}}, "at 'years': the first year 2018 is after the last 2017"),
]  # fmt: skip


@pytest.mark.parametrize(("exhibit", "changes", "words"), REFUSED, ids=[words[:40] for *_, words in REFUSED])
def test_what_compares_periods_is_refused_in_one_line(tmp_path, exhibit, changes, words):
    with pytest.raises(StudyError, match=words) as problem:
        run(tmp_path, {"id": "it", **exhibit}, **changes)
    assert len(str(problem.value).splitlines()) == 1


def test_productivity_of_one_year_is_refused(tmp_path):
    model = {"efficiency": {"eff": SCORES["model"]}, "productivity": {"tfp": {"model": "eff"}}}
    with pytest.raises(StudyError, match=r"at 'productivity.tfp'.*the study has one period"):
        run(tmp_path, DID, **model)
