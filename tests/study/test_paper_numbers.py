"""Numbers that papers and logs print, each from the file as it was published: coefficient, error and count of rows."""

import pandas as pd
import pytest
from pyfixest import feols

from tests.exhibits.exhibit_checks import value

from .built_study import built_study, flat_source
from .wooldridge import data_set, source_of

pytestmark = pytest.mark.usefixtures("own_raw_files")


def printed(result, column, term, digits):
    """Return estimate and error of a term as a table of so many digits prints them."""
    return tuple(round(value(result, column, term, field), digits) for field in ("estimate", "se"))


def test_wolfers_2006_table_2_with_trends_of_states(case):
    """Columns 2 and 3: a line, and a parabola, of each state's own."""
    dummies = {"add": ["y3", "y5", "y7", "y9", "y11", "y13", "y15"]}
    lines = ["unit", "year", "unit#c.year"]
    columns = [{**dummies, "fixed_effects": lines}, {**dummies, "fixed_effects": [*lines, "unit#c.square"]}]
    variables = {name: {"formula": f"years_unilateral == {name[1:]}"} for name in ("y1", *dummies["add"])}
    found = case(
        "wolfers",
        weights="pop",
        variables={"div": "div_rate", "pop": "stpop", "square": "(year - 1968)^2", **variables},
        exhibits=[{"id": "t2", "kind": "did_table", "columns": columns}],
    )["t2"]
    expected = {
        "(1)": ([0.342, 0.319, 0.300, 0.322, 0.081, -0.102, -0.202, -0.210], 0.062),
        "(2)": ([0.302, 0.289, 0.291, 0.351, 0.161, 0.047, 0.031, 0.251], 0.054),
    }
    for column, (coefficients, first_error) in expected.items():
        assert [printed(found, column, name, 3)[0] for name in variables] == coefficients
        assert printed(found, column, "y1", 3)[1] == first_error
        assert value(found, column, "y1", "n_obs") == 1631


def test_ren_31_provinces_as_stata_18_logs_them(case):
    """xtreg, fe vce(cluster); xsmle sdm and sar with economic distance, fe vce(robust): N = 217."""
    base = {
        "kind": "spatial_did", "weights": {"kind": "economic_distance", "income": "pgdp"}, "fixed_effects": ["unit"],
        "controls": ["pub", "aging", "urban", "sec"], "lee_yu": "none", "lag_treatment": "sdm", "effects_of": ["tax"],
        "vcov": {"kind": "xsmle_robust"}, "draws": 10,
    }  # fmt: skip
    found = case(
        "ren",
        exhibits=[
            {"id": "main", "kind": "did_table", "columns": [{}], "constant": True},
            {**base, "id": "space", "models": ["sdm", "sar"]},
        ],
    )
    stata = {"tax": (-0.008265, 0.003822), "pub": (0.152547, 0.174518), "aging": (-0.010912, 0.007961)}
    assert {term: printed(found["main"], "(1)", term, 6) for term in stata} == stata
    assert value(found["main"], "(1)", "tax", "n_obs") == 217
    errors = {
        "SDM-DID": {"tax": 0.0033853, "pub": 0.1519474, "W*tax": 0.0039706, "rho": 0.140133},
        "SAR-DID": {"tax": 0.0031856, "pub": 0.1393785, "rho": 0.1436159},
    }
    for column, by_term in errors.items():
        for term, error in by_term.items():
            assert value(found["space"], column, term, "se") == pytest.approx(error, rel=2e-5), (column, term)
    assert value(found["space"], "SDM-DID", "rho") == pytest.approx(0.0158, abs=5e-5)
    assert value(found["space"], "SAR-DID", "rho") == pytest.approx(-0.0090, abs=5e-5)
    assert value(found["space"], "SDM-DID", "sigma2") == pytest.approx(0.0017, abs=5e-5)
    assert value(found["space"], "SDM-DID", "log_likelihood") == pytest.approx(384.7460, abs=5e-5)
    assert value(found["space"], "SDM-DID", "rho", "n_obs") == 217


def test_firms_of_the_deduction_as_their_authors_print_them(case):
    """Both treatments, N 4,033 and 1,666 firms; the authors' error counts the firms' effects, as areg does."""
    columns = [{"ssc": "areg"}, {"ssc": "areg", "treatment": "did22"}, {"ssc": "areg", "singletons": "drop"}]
    found = case("firm", exhibits=[{"id": "base", "kind": "did_table", "columns": columns}])["base"]
    assert printed(found, "(1)", "did", 7)[0] == -0.0732338
    assert printed(found, "(2)", "did22", 7)[0] == -0.1071846
    assert round(value(found, "(1)", "did", "se"), 4) == 0.0458
    assert [value(found, "(1)", "did", n) for n in ("n_obs", "n_clusters")] == [4033, 1666]
    assert [value(found, "(3)", "did", n) for n in ("n_obs", "n_clusters")] == [3417, 1050]


def test_baltagi_and_pinnoi_1995_productivity_of_public_capital(case):
    """Within estimates of Munnell's 48 states; with effects of regions by year, those of the crossed key."""
    columns = [{}, {"fixed_effects": ["unit", "region#year"]}]
    found = case(
        "produc",
        variables={"lgsp": "ln(gsp)", "lpcap": "ln(pcap)", "lpc": "ln(pc)", "lemp": "ln(emp)", "un": "unemp",
                   "region": "region"},
        exhibits=[{"id": "fe", "kind": "did_table", "columns": columns}],
    )["fe"]  # fmt: skip
    within = {
        "lpcap": (-0.0261, 0.0290), "lpc": (0.2920, 0.0251), "lemp": (0.7682, 0.0301), "un": (-0.0053, 0.0010),
    }  # fmt: skip
    assert {term: printed(found, "(1)", term, 4) for term in within} == within
    assert value(found, "(1)", "lpcap", "n_obs") == 816
    assert round(value(found, "(2)", "lpcap"), 4) == 0.0736


def test_kessler_and_roth_2014_by_quarters(case, shared):
    """The Effect, chapter 18: errors of the coefficient and of each quarter around the change."""

    def as_quarters(source):
        (table,) = source["tables"]
        return source | {"tables": [table | {"year": {"header": "Quarter", "kind": "quarter"}, "ignore": ["period"]}]}

    found = case("organ", as_quarters, period={"kind": "quarter"}, years={"first": "2010Q4", "last": "2012Q1"})
    assert printed(found["did"], "(1)", "treated", 4) == (-0.0225, 0.0061)
    assert value(found["did"], "(1)", "treated", "n_obs") == 162
    by_quarter = {
        -3: (-0.003, 0.005), -2: (0.006, 0.002), 0: (-0.022, 0.005), 1: (-0.020,), 2: (-0.022, 0.010),
    }  # fmt: skip
    for tau, numbers in by_quarter.items():
        assert printed(found["es"], "event study", f"tau{tau:+d}", 3)[: len(numbers)] == numbers, tau
    raw = pd.read_csv(shared / "cases" / "papers" / "organ" / "organ_donation2.csv")
    ever = raw.groupby("State")["policy"].transform("max")
    dummies = {f"d{year}": ever * (raw["period"] == year) for year in range(2001, 2007) if year != 2003}
    peer = feols(f"Rate ~ {' + '.join(dummies)} | State + period", raw.assign(**dummies), vcov={"CRV1": "State"})
    mine = [value(found["es"], "event study", f"tau{tau:+d}", "se") for tau in by_quarter]
    assert mine == pytest.approx(peer.se().to_numpy(), rel=1e-6)


def test_wooldridge_example_16_8_prisons_and_crime(tmp_path):
    """Levitt (1996) by two-digit years: growth of violent crime on that of prisoners, by status of litigation."""
    years = [f"y{n}" for n in range(81, 94)]
    controls = [*years, "gpolpc", "gincpc", "cag0_14", "cag15_17", "cag18_24", "cag25_34", "cunem", "cblack", "cmetro"]
    source = source_of("prison", {"header": "year", "pivot": 1930})
    source["tables"][0]["unit"] = {"level": "other", "code": "state", "code_kind": "plain"}
    del source["tables"][0]["columns"]["state"]
    study = {
        "study": "prison", "title": "Prisons", "unit": {"label": "state"}, "years": {"first": 1980, "last": 1993},
        "sources": {"prison": {"role": "frame"}}, "regressor": "gpris", "outcome": "gcriv", "controls": controls,
        "variables": {name: name for name in ("gcriv", "gpris", "final1", "final2", *controls)},
        "fixed_effects": [], "vcov": {"kind": "iid"},
        "exhibits": [
            {"id": "ols", "kind": "did_table", "columns": [{}]},
            {"id": "iv", "kind": "iv_table", "endogenous": ["gpris"], "instruments": ["final1", "final2"]},
        ],
    }  # fmt: skip
    found = built_study(tmp_path, study, [(source, data_set("prison"))]).results
    assert printed(found["ols"], "(1)", "gpris", 3) == (-0.181, 0.048)
    assert printed(found["iv"], "(1)", "gpris", 3) == (-1.032, 0.370)
    assert value(found["iv"], "(1)", "gpris", "n_obs") == 714
    first = found["iv"].estimates
    first = first[first["term"].isin(["final1", "final2"])].set_index("term")[["estimate", "se"]].round(3)
    assert first.to_numpy().tolist() == [[-0.077, 0.026], [-0.053, 0.018]]


def test_hansen_1999_by_his_own_code(reference, tmp_path):
    """Investment by regime of last year's debt, R's pdR (400 quantiles): thresholds, F, confidence sets, slopes."""
    lagged = {name: f"lag({column}, 1)" for name, column in (("q", "tobinq"), ("cf", "cash"), ("d", "debts"))}
    source = flat_source(
        "invest", {"level": "other", "code": "firm", "code_kind": "plain"},
        {"inva": "1", "tobinq": "1", "cash": "1", "debts": "1"}, "year",
    )  # fmt: skip
    (table,) = source["tables"]
    table["columns"]["cash"]["header"], table["columns"]["debts"]["header"] = "cf", "debt"
    own = {
        "kind": "threshold", "regressors": ["cf"], "threshold_variable": "d", "thresholds": 2, "max_thresholds": 2,
        "grid": 400, "strict": True, "drop_last": True, "f_scale": "nT", "refine": False, "replications": 0,
        "controls": ["q", "q2", "q3", "d", "qd"],
    }  # fmt: skip
    years = sorted(pd.read_csv(reference / "hansen_invest.csv")["year"].unique().tolist())
    study = {
        "study": "hansen", "title": "Investment", "unit": {"label": "firm"},
        "years": {"first": years[0], "last": years[-1]}, "sources": {"invest": {"role": "frame"}},
        "sample": {"first_year": years[1]}, "regressor": "cf", "outcome": "inv", "controls": [],
        "variables": {"inv": "inva", **lagged, "q2": "q^2", "q3": "q^3", "qd": "q * d"},
        "fixed_effects": ["unit"], "vcov": {"kind": "iid"}, "ssc": "xtreg",
        "exhibits": [
            {**own, "id": "iid"},
            {**own, "id": "white", "vcov": {"kind": "hetero"}, "ssc": "none"},
        ],
    }  # fmt: skip
    text = (reference / "hansen_invest.csv").read_text(encoding="utf-8")
    found = built_study(tmp_path, study, [(source, text)]).results
    tests, regimes = "threshold tests", "regime regression"
    peer = {
        "threshold 1": (0.0157, 0.01392, 0.01806), "threshold 2": (0.53616, 0.53616, 0.56287),
        "F 1": (35.16142434,), "F 2": (27.78400621,),
    }  # fmt: skip
    for term, numbers in peer.items():
        for number, field in zip(numbers, ("estimate", "ci_low", "ci_high"), strict=False):
            assert value(found["iid"], tests, term, field) == pytest.approx(number, abs=5e-9), (term, field)
    slopes = [0.0631537411, 0.0977259002, 0.0392092964]
    errors = {"iid": [0.0054505272, 0.0054625664, 0.0113818324], "white": [0.0135002291, 0.0102923739, 0.0311144601]}
    for exhibit, expected in errors.items():
        terms = [f"cf|regime {n}" for n in (1, 2, 3)]
        assert [value(found[exhibit], regimes, t) for t in terms] == pytest.approx(slopes, abs=5e-11)
        assert [value(found[exhibit], regimes, t, "se") for t in terms] == pytest.approx(expected, abs=5e-11)
        assert value(found[exhibit], regimes, terms[0], "n_obs") == 7910


def test_the_mixtapes_abortion_and_gonorrhoea(tmp_path):
    """Section 9.4: triple difference of black women of 15 and 25, -.0695 (.1350), N 1,364, from the file as shipped."""
    data = pytest.importorskip("causaldata").abortion.load_pandas().data
    used = ["fip", "age", "race", "sex", "year", "totpop", "repeal", "lnr", "younger"]
    columns = {name: "1" for name in used if name not in ("year", "fip", "age")}
    source = flat_source("abortion", {"level": "other", "row_number": True}, columns, "year")
    (table,) = source["tables"]
    table["columns"] |= {name: {"header": name, "measure": "category"} for name in ("fip", "age")}
    table["ignore"] = [name for name in data if name not in used]
    study = {
        "study": "abortion", "title": "Abortion and gonorrhoea", "unit": {"label": "cell"}, "rows": "individuals",
        "years": {"first": 1985, "last": 2000}, "sources": {"abortion": {"role": "frame"}}, "outcome": "lnr",
        "treatment": {"name": "law", "status": "repeal * (year >= 1986) * (year <= 1992)", "kind": "switching"},
        "sample": {"keep": {"race": 2, "sex": 2, "age": ["15", "25"]}},
        "variables": {name: name for name in (*columns, "fip", "age") if name != "repeal"},
        "vcov": {"kind": "cluster", "by": "fip"}, "ssc": "reghdfe", "controls": [],
        "fixed_effects": [],
        "exhibits": [{"id": "ddd", "kind": "ddd", "eligible": "younger", "group": "fip"}],
    }  # fmt: skip
    found = built_study(tmp_path, study, [(source, data.to_csv(index=False))]).results["ddd"]
    assert printed(found, "(1)", "younger × law", 4) == (-0.0695, 0.1350)
    assert value(found, "(1)", "younger × law", "n_obs") == 1364


CSDID = "Callaway-Sant'Anna"
TESTED = "all group-time effects before adoption zero: χ²(5) = 7.79, p = 0.1681"


def test_minimum_wages_as_the_package_did_prints_them(case, cases):
    """README of R's did: ATT(g, t), effects by time, overall effects by time, cohort and year; csdid's digits."""
    one = {"kind": "staggered_did", "estimators": ["callaway_santanna"], "window": [-3, 3], "base_period": "varying"}
    every = {**one, "averages": ["dynamic", "group", "calendar", "group_time"]}
    found = case("mpdta", exhibits=[{**every, "id": "cs"}, {**every, "id": "lpop", "controls": ["lpop1"]}])
    readme = {
        "ATT": -0.0400, "ATT dynamic": -0.0772, "ATT group": -0.0310, "tau-3": 0.0305, "tau-2": -0.0006,
        "tau-1": -0.0245, "tau+0": -0.0199, "tau+1": -0.0510, "tau+2": -0.1373, "tau+3": -0.1008,
    }  # fmt: skip
    assert {term: round(value(found["cs"], CSDID, term), 4) for term in readme} == readme
    lpop = {"ATT": -0.0418, "tau+0": -0.0211, "tau+1": -0.0530, "tau+2": -0.1404, "tau+3": -0.1069}
    assert {term: round(value(found["lpop"], CSDID, term), 4) for term in lpop} == lpop
    assert round(value(found["lpop"], CSDID, "ATT", "se"), 4) == 0.0115
    assert any(TESTED in note for note in found["cs"].notes)
    peers = cases["a6_mpdta_CS"]["expected"]["peer_csdid_[att,se]"]
    for exhibit, key in (("cs", "nevertreated|lemp~1"), ("lpop", "nevertreated|lemp~lpop")):
        for term, numbers in by_csdid(peers[key]).items():
            mine = [value(found[exhibit], CSDID, term, field) for field in ("estimate", "se")]
            assert mine == pytest.approx(numbers, abs=1e-9), (exhibit, term)
    labels = [row.label for row in found["cs"].table.rows]
    assert {"Mean over times since adoption", "Cohort 2004", "Effects in 2005", "Cohort 2006 in 2004"} <= set(labels)


def by_csdid(peer):
    """Return term -> estimate and error of everything that csdid prints."""
    found = {"ATT": peer["simple"]["overall"]}
    for cell, numbers in peer["att_gt"].items():
        g, t = cell.split("_")
        found[f"ATT({g}, {t})"] = numbers
    for name in ("dynamic", "group", "calendar"):
        for label, numbers in peer[name].items():
            term = f"tau{int(label):+d}" if name == "dynamic" and label != "overall" else f"{name} {label}"
            found[f"ATT {name}" if label == "overall" else term] = numbers
    return found


def test_averages_are_of_one_estimator(case):
    one = {"kind": "staggered_did", "id": "cs", "estimators": ["twfe"], "window": [-2, 2], "averages": ["group"]}
    found = case("mpdta", exhibits=[one])["cs"]
    (reason,) = set(found.estimates["reason"])
    assert "'averages' is of callaway_santanna, which is not among 'estimators': add it" in reason
