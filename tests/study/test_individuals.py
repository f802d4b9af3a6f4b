"""Rows of individuals: published tables from untouched files, groups that adopt, and what follows a unit refused."""

import copy

import numpy as np
import pandas as pd
import pyfixest
import pytest
from shidian.audit.replication.tables import models_of
from shidian.errors import PanelError, ShidianError, StudyError
from shidian.exhibits.result import StudyInfo

from .built_study import Built, built_study, flat_source
from .wooldridge import ROWS, data_set, source_of

pytestmark = pytest.mark.usefixtures("own_raw_files")


def textbook(folder, name, year, variables, exhibits, **study) -> Built:
    """Run exhibits on a data set of Wooldridge's textbook as its file stands."""
    declared = {
        "study": name, "title": name, "unit": {"label": "row"}, "rows": "individuals",
        "sources": {name: {"role": "frame"}}, "variables": {one: one for one in variables}, "fixed_effects": [],
        "vcov": {"kind": "iid"}, "exhibits": exhibits,
    }  # fmt: skip
    return built_study(folder, declared | study, [(source_of(name, year), data_set(name))])


def of(result, term, column="(1)"):
    row = result.estimates.set_index(["column", "term"]).loc[(column, term)]
    return float(row["estimate"]), float(row["se"]), int(row["n_obs"])


def test_wooldridge_example_13_3_house_prices_near_the_incinerator(tmp_path):
    """Introductory Econometrics, table 13.2, column 1, and the two cross-sections behind it."""
    columns = [
        {"controls": ["nearinc", "y81"]},
        {"label": "1978", "treatment": "nearinc", "sample": {"keep": {"year": 1978}}},
    ]
    exhibit = {"id": "prices", "kind": "did_table", "columns": columns}
    built = textbook(
        tmp_path, "kielmc", {"header": "year"}, ("rprice", "nearinc", "y81", "y81nrinc"), [exhibit],
        years={"first": 1978, "last": 1981}, regressor="y81nrinc", outcome="rprice", unit={"label": "house"},
    )  # fmt: skip
    found = built.results["prices"]
    printed = {
        "y81": (18790.29, 4050.06), "y81nrinc": (-11863.90, 7456.65), "nearinc": (-18824.37, 4875.32),
    }  # fmt: skip
    for term, numbers in printed.items():
        estimate, error, n = of(found, term)
        assert (round(estimate, 2), round(error, 2), n) == (*numbers, 321), term
    assert round(of(found, "nearinc", "1978")[0], 2) == -18824.37
    assert any(note.startswith("Sample, columns in turn: 321, 179 houses;") for note in found.notes)
    (traced,) = built.trace("104", 1978, "rprice")
    assert [(c.cell, c.raw_text) for c in traced.cells] == [("104:rprice", "76900.0")]
    assert data_set("kielmc").splitlines()[103].split(",")[23] == "76900.0"


def test_wooldridge_example_13_4_benefits_and_duration_of_claims(tmp_path):
    """Meyer, Viscusi and Durbin (1995): a file without a year, in which some rows are equal."""
    text = data_set("injury")
    assert len(set(text.splitlines())) < len(text.splitlines())
    columns = [
        {"label": "KY", "sample": {"keep": {"ky": 1}}},
        {"label": "MI", "sample": {"keep": {"mi": 1}}},
        {"label": "effects", "sample": {"keep": {"ky": 1}}, "fixed_effects": ["year", "highearn"], "controls": []},
    ]
    built = textbook(
        tmp_path, "injury", {"header": "afchnge", "kind": "integer"},
        ("ldurat", "afchnge", "highearn", "afhigh", "ky", "mi"),
        [{"id": "duration", "kind": "did_table", "columns": columns, "statistics": ["n_obs", "r2"]}],
        period={"kind": "integer"}, years={"first": 0, "last": 1}, regressor="afhigh", outcome="ldurat",
        controls=["afchnge", "highearn"], unit={"label": "claim"},
    )  # fmt: skip
    found = built.results["duration"]
    for column, numbers in {"KY": (0.191, 0.069, 5626), "MI": (0.192, 0.154, 1524)}.items():
        estimate, error, n = of(found, "afhigh", column)
        assert (round(estimate, 3), round(error, 3), n) == numbers
    assert round(float(found.estimates.set_index("column").loc["KY", "r2"].iloc[0]), 3) == 0.021
    assert of(found, "afhigh", "effects")[:2] == pytest.approx(of(found, "afhigh", "KY")[:2], rel=1e-9)
    assert any("Period and highearn fixed effects." in note for note in found.notes)
    assert len(built.panel.frame) == 7150


@pytest.mark.parametrize(
    ("name", "year", "outcome", "instrument", "controls", "printed"),
    [
        ("card", 1976, "lwage", "nearc4",
         ["exper", "expersq", "black", "smsa", "south", "smsa66", *(f"reg66{i}" for i in range(2, 10))],
         (0.132, 0.055, 3010)),
        ("mroz", 1975, "lwage", "fatheduc", [], (0.059, 0.035, 428)),
    ],
)  # fmt: skip
def test_two_stage_least_squares_of_a_cross_section(tmp_path, name, year, outcome, instrument, controls, printed):
    """Wooldridge, examples 15.4 (Card 1995) and 15.1."""
    exhibit = {"id": "iv", "kind": "iv_table", "endogenous": ["educ"], "instruments": [instrument]}
    built = textbook(
        tmp_path, name, {"fixed": year}, (outcome, "educ", instrument, *controls), [exhibit],
        years={"first": year, "last": year}, regressor="educ", outcome=outcome, controls=controls,
    )  # fmt: skip
    estimate, error, n = of(built.results["iv"], "educ")
    assert (round(estimate, 3), round(error, 3), n) == printed
    assert not any("fixed effects." in note and "No" not in note for note in built.results["iv"].notes)


FIRST = {c: {0: 2004, 1: 2006}.get(c % 4, 0) for c in range(1, 25)}
"""County -> the year in which it adopts, 0 for never."""


def pupils(n=1500, seed=1):
    rng = np.random.default_rng(seed)
    county, year = rng.integers(1, 25, n), rng.integers(2001, 2009, n)
    adopted = np.array([FIRST[c] for c in county])
    y = 0.1 * county + 0.05 * year + 0.5 * ((adopted > 0) & (year >= adopted)) + rng.normal(size=n)
    return pd.DataFrame({
        "county": [f"County {c:02d}" for c in county], "year": year, "y": y.round(6), "x": rng.normal(size=n).round(6),
        "girl": rng.integers(0, 2, n), "w": rng.integers(1, 4, n),
    })  # fmt: skip


PUPILS = pupils()
LISTED = pd.DataFrame([(f"County {c:02d}", first) for c, first in FIRST.items() if first], columns=["county", "first"])
PUPIL_SOURCE = flat_source("pupils", ROWS, {"county": "category", "y": "1", "x": "1", "girl": "1", "w": "1"}, "year")
LIST_SOURCE = flat_source("adopters", {"level": "other", "code": "county", "code_kind": "plain"}, {"first": "1"})
STUDY = {
    "study": "scores", "title": "Scores of pupils", "unit": {"label": "pupil"}, "rows": "individuals",
    "years": {"first": 2001, "last": 2008},
    "sources": {"pupils": {"role": "frame"}, "adopters": {"join": {"on": "county"}}},
    "treatment": {"name": "did", "adoption": "adopters.first"},
    "variables": {"score": "y", "z": "x", "girls": "girl", "weight": "w", "county": "county"},
    "outcome": "score", "controls": ["z"], "fixed_effects": ["county", "year"],
    "vcov": {"kind": "cluster", "by": "county"}, "ssc": "fixest",
}  # fmt: skip
DID = {"id": "did", "kind": "did_table", "columns": [{}]}


def run(folder, *exhibits, table=PUPILS, listed=LISTED, source=None, **changes) -> Built:
    study = {**copy.deepcopy(STUDY), **changes, "exhibits": list(exhibits)}
    sources = [(source or PUPIL_SOURCE, table), (LIST_SOURCE, listed)]
    return built_study(folder, study, [one for one in sources if one[0]["source"] in study["sources"]])


def peer(formula, **options):
    """Return what pyfixest says of the same regression on the file's rows."""
    adopted = PUPILS["county"].map(dict(zip(LISTED["county"], LISTED["first"], strict=True)))
    frame = PUPILS.assign(did=(PUPILS["year"] >= adopted).astype(float), tau=PUPILS["year"] - adopted)
    for k in range(-3, 4):
        frame[f"t{k}".replace("-", "m")] = (frame["tau"].clip(-3, 3) == k).astype(float)
    exact = pyfixest.MapDemeaner(fixef_tol=1e-13, fixef_maxiter=100_000)
    return pyfixest.feols(formula, frame, vcov={"CRV1": "county"}, demeaner=exact, **options)


def test_a_list_of_counties_treats_their_pupils_and_pyfixest_agrees(tmp_path):
    weighted = {"label": "weighted", "weights": "weight"}
    event = {"id": "event", "kind": "event_study", "window": [-3, 3]}
    built = run(tmp_path, {**DID, "columns": [{}, weighted]}, event)
    line = built.panel.ledger.set_index("step").loc["join adopters"]
    assert line["rows"] == PUPILS["county"].isin(LISTED["county"]).sum()
    for column, mine in (("(1)", peer("y ~ did + x | county + year")),
                         ("weighted", peer("y ~ did + x | county + year", weights="w"))):  # fmt: skip
        expected = mine.coef()["did"], mine.se()["did"]
        assert of(built.results["did"], "did", column)[:2] == pytest.approx(expected, rel=1e-8)
    theirs = peer("y ~ tm3 + tm2 + t0 + t1 + t2 + t3 + x | county + year")
    for term, name in (("tau-3", "tm3"), ("tau-2", "tm2"), ("tau+0", "t0"), ("tau+3", "t3")):
        expected = theirs.coef()[name], theirs.se()[name]
        assert of(built.results["event"], term, "event study")[:2] == pytest.approx(expected, rel=1e-8)
    assert any("Sample: 1,500 pupils;" in note for note in built.results["event"].notes)
    assert not any("pupils are treated" in w for r in built.results.values() for w in r.warnings)


def test_a_county_without_a_list_is_a_column_or_a_formula(tmp_path):
    """The adoption year stands in every row, or is made of the group; both are the list's numbers."""
    table = PUPILS.assign(first=PUPILS["county"].map(dict(LISTED.itertuples(index=False))).fillna(0).astype(int))
    source = copy.deepcopy(PUPIL_SOURCE)
    source["tables"][0]["columns"]["first"] = {"header": "first", "measure": "1"}
    listed = of(run(tmp_path / "a", DID).results["did"], "did")
    for n, adoption in enumerate(("pupils.first", "if(pupils.first == 2004, 2004, pupils.first)")):
        treatment = {"name": "did", "adoption": adoption}
        only = {"sources": {"pupils": {"role": "frame"}}, "treatment": treatment}
        again = run(tmp_path / str(n), DID, table=table, source=source, **only)
        assert of(again.results["did"], "did") == pytest.approx(listed, rel=1e-12)


def test_placebo_draws_permute_counties(tmp_path):
    draws = {"id": "draws", "kind": "placebo", "draws": 30}
    named = {"id": "named", "kind": "placebo", "draws": 30, "assign_by": "county"}
    slow = {"id": "slow", "kind": "placebo", "draws": 3, "estimator": "feols"}
    fast = {"id": "fast", "kind": "placebo", "draws": 3}
    found = run(tmp_path, draws, named, slow, fast).results
    one = found["draws"].estimates
    assert set(one["n_units"].dropna()) == {24}
    numbers = ["term", "estimate", "n_units"]
    pd.testing.assert_frame_equal(one[numbers], found["named"].estimates[numbers])
    np.testing.assert_allclose(found["slow"].estimates["estimate"], found["fast"].estimates["estimate"], rtol=1e-7)
    assert any("each county as a whole" in note for note in found["draws"].notes)


def test_the_order_of_the_file_and_the_names_of_counties_do_not_matter(tmp_path):
    exhibits = DID, {"id": "event", "kind": "event_study", "window": [-3, 3]}
    first = run(tmp_path / "a", *exhibits).results
    shuffled = PUPILS.sample(frac=1, random_state=3)
    names = {name: f"{n:02d} {name[::-1]}" for n, name in enumerate(sorted(PUPILS["county"].unique(), reverse=True))}
    renamed = [frame.assign(county=frame["county"].map(names)) for frame in (shuffled, LISTED)]
    again = run(tmp_path / "b", *exhibits, table=renamed[0], listed=renamed[1]).results
    for name, result in first.items():
        a, b = result.estimates, again[name].estimates
        np.testing.assert_allclose(a[["estimate", "se"]], b[["estimate", "se"]], rtol=1e-9)


def test_frequencies_are_so_many_rows(tmp_path):
    weights = {"weights": {"variable": "weight", "kind": "frequency"}}
    weighted = run(tmp_path / "a", {**DID, **weights}).results["did"]
    repeated = PUPILS.loc[PUPILS.index.repeat(PUPILS["w"])]
    assert of(weighted, "did") == pytest.approx(of(run(tmp_path / "b", DID, table=repeated).results["did"], "did"))


def test_quarters_of_individuals(tmp_path):
    def quarter(year):
        return f"{2001 + (year - 2001) // 4}Q{(year - 2001) % 4 + 1}"

    source = copy.deepcopy(PUPIL_SOURCE)
    source["tables"][0]["year"]["kind"] = "quarter"
    lists = copy.deepcopy(LIST_SOURCE)
    lists["tables"][0]["columns"]["first"]["period"] = {"kind": "quarter"}
    event = {"id": "event", "kind": "event_study", "window": [-3, 3]}
    study = copy.deepcopy(STUDY) | {
        "period": {"kind": "quarter"}, "years": {"first": "2001Q1", "last": "2002Q4"}, "exhibits": [DID, event],
    }  # fmt: skip
    tables = PUPILS.assign(year=PUPILS["year"].map(quarter)), LISTED.assign(first=LISTED["first"].map(quarter))
    found = built_study(tmp_path / "a", study, [(source, tables[0]), (lists, tables[1])]).results
    years = run(tmp_path / "b", DID, event).results
    for name, result in found.items():
        a, b = result.estimates, years[name].estimates
        np.testing.assert_allclose(a[["estimate", "se"]], b[["estimate", "se"]], rtol=1e-9)
    assert not any("year" in note for result in found.values() for note in result.notes)


def test_one_county_that_adopts_and_counties_treated_throughout_are_warned_of(tmp_path):
    one = run(tmp_path / "a", DID, listed=LISTED.head(1)).results["did"]
    assert any("one treated unit alone" in w for w in one.warnings)
    early = LISTED.assign(first=LISTED["first"].where(LISTED.index > 1, 2001))
    throughout = run(tmp_path / "b", DID, listed=early).results["did"]
    assert any(w.startswith("2 counties treated in every year observed") for w in throughout.warnings)
    finer = run(tmp_path / "c", DID, vcov={"kind": "hetero"}).results["did"]
    assert any("assigned by county" in w and "cluster by it" in w for w in finer.warnings)


def test_a_status_of_individuals_is_their_own(tmp_path):
    treatment = {"name": "did", "status": "girl"}
    assert run(tmp_path / "a", DID, treatment=treatment).panel.frame["did"].sum() == PUPILS["girl"].sum()
    with pytest.raises(PanelError, match=r"is neither 0 nor 1 in 2.*a dose is declared by 'kind: continuous'"):
        run(tmp_path / "b", DID, treatment={"name": "did", "status": "x"})
    dose = {"name": "did", "status": "x", "kind": "continuous"}
    variables = {"score": "y", "z": "girl", "county": "county"}
    found = run(tmp_path / "c", DID, treatment=dose, variables=variables).results["did"]
    assert np.isfinite(of(found, "did")[0])


def test_other_programs_get_the_models(tmp_path):
    built = run(tmp_path, DID, {"id": "event", "kind": "event_study", "window": [-3, 3]})
    for exhibit in built.plan.studies["scores"].exhibits:
        info = StudyInfo("scores", "pupil", "did", individuals=True)
        used = built.results[exhibit["id"]].used
        (model,) = models_of(built.panel.frame, exhibit, info, used)
        assert model.fixed_effects == ("county", "year")


def test_units_of_a_panel_are_no_individuals(tmp_path):
    source = copy.deepcopy(PUPIL_SOURCE)
    source["tables"][0]["unit"] = {"level": "other", "code": "id", "code_kind": "plain"}
    twice = pd.DataFrame(
        {"id": [1, 1, 2], "year": [2001, 2002, 2001], "county": "a", "y": 1.0, "x": 1.0, "girl": 1, "w": 1}
    )
    changes = {"sources": {"pupils": {"role": "frame"}}, "treatment": {"name": "did", "status": "girl"}}
    with pytest.raises(PanelError, match=r"unit 1 has rows of 2001 and 2002.*'rows: individuals'.*row_number: true"):
        run(tmp_path / "a", DID, table=twice, source=source, **changes)
    source["tables"][0]["unit"]["code"] = "county"
    del source["tables"][0]["columns"]["county"]
    plain = {"variables": {"score": "y", "z": "x"}, "fixed_effects": [], "vcov": {"kind": "hetero"}}
    with pytest.raises(
        ShidianError, match=r"has two numbers for 'girl'.*declare 'unit: \{level: other, row_number: tr"
    ):
        run(tmp_path / "b", DID, source=source, **changes, **plain)


REFUSED = [
    ({"kind": "goodman_bacon"}, {}, "the kind goodman_bacon follows units over time.*use did_table, event_study, iv_t"),
    ({"kind": "staggered_did", "window": [-2, 2]}, {}, "the kind staggered_did follows units over time"),
    ({"kind": "psm_did"}, {}, "the kind psm_did follows units over time"),
    (DID, {"fixed_effects": ["unit", "year"]}, "'fixed_effects' has 'unit'.*column of the group, such as 'county'"),
    (DID, {"fixed_effects": ["unit_name", "year"]}, "'fixed_effects' has 'unit_name'"),
    (DID, {"variables": {"score": "y", "z": "deflate(x, w, 2003)", "county": "county"}}, r"deflate\(...\)"),
    (DID, {"fixed_effects": ["county", "unit#c.year"]}, "'fixed_effects' has 'unit#c.year'"),
    (DID, {"vcov": {"kind": "cluster", "by": "unit"}}, "'vcov' clusters by the unit.*'kind: hetero', or cluster by"),
    (DID, {"controls": ["z#unit"]}, "'controls' has 'z#unit', a coefficient a row: cross with the group"),
    (DID, {"controls": ["base(z, 2003)#c.year"]}, "a unit's value of one year"),
    ({**DID, "hausman": True}, {}, "'hausman' compares effects of units"),
    ({**DID, "columns": [{"sample": {"balanced": True}}]}, {}, "'sample.balanced' asks in which periods a unit"),
    ({**DID, "columns": [{"sample": {"one_row": {"which": "first"}}}]}, {}, "'sample.one_row'.*give it 'by', a group"),
    ({**DID, "always_treated": "leave_out"}, {}, "'always_treated: leave_out'.*leave rows out by 'sample'"),
    ({"kind": "iv_table", "endogenous": ["weight"], "instruments": [{"lag": "weight"}]}, {}, "{lag: weight}"),
    ({"kind": "heterogeneity", "splits": [{"variable": "z", "split": "median", "year": 2003}]}, {}, "splits.1.*'year'"),
    ({"kind": "mixed_table", "columns": [{"matching": {"covariates": ["z"]}}]}, {}, "'matching' pairs units"),
    ({"kind": "placebo", "estimator": "callaway_santanna"}, {}, "callaway_santanna follows.*use twfe, event_study, fe"),
    ({"kind": "placebo", "assign_by": "unit"}, {}, "draws would treat single rows.*'assign_by' the column of the gro"),
    ({"kind": "event_study", "window": [-2, 2]}, {"treatment": {"name": "did", "status": "girl"}}, "treatment.adopt"),
    (DID, {"treatment": {"name": "did", "status": "girl", "starts": "next_year"}}, "treatment.starts.*'adoption'"),
    (DID, {"variables": {"score": "y", "z": "lag(x, 1)", "county": "county"}}, r"variables.z.*lag\(...\).*by a column"),
    (DID, {"variables": {"score": "y", "z": "base(x, 2003)", "county": "county"}}, r"base\(...\)"),
    (DID, {"indicators": {"p": {"method": "chain_index", "inputs": {"previous_year_100": "z"}, "base_year": 2001}}},
     "indicators.p.*chain_index chains a unit's values"),
    (DID, {"fill": [{"series": "y", "max_gap": 2}]}, "at 'fill': a gap is a unit's"),
    (DID, {"checks": {"jumps": [5]}}, "at 'checks.jumps'"),
    (DID, {"unit": {"label": "pupil", "level": "city", "geography": 2010}}, "at 'unit.level'.*sources.<list>.join"),
    (DID, {"rows": "units"}, "at 'sources.pupils': its rows are units by their number.*'rows: individuals'"),
    (DID, {"sources": {"pupils": {"role": "frame"}, "adopters": {}}}, "'sources.adopters.join: {on: county}'"),
    (DID, {"sources": {"pupils": {"role": "frame"}, "adopters": {"join": "code"}}}, "numbers of rows, which no list"),
]  # fmt: skip


@pytest.mark.parametrize(("exhibit", "changes", "words"), REFUSED, ids=[words[:40] for *_, words in REFUSED])
def test_what_follows_a_unit_is_refused_in_one_line(tmp_path, exhibit, changes, words):
    with pytest.raises(StudyError, match=words) as problem:
        run(tmp_path, {"id": "it", **exhibit}, **changes)
    assert len(str(problem.value).splitlines()) == 1
