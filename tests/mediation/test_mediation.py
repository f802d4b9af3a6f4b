"""Mediation: Sobel's test (case h1), printed shares of a published table, the decision, the bootstrap."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.mediation.mediation import estimate as exhibit
from shidian.exhibits.result import StudyInfo
from shidian.mediation import bootstrap
from shidian.mediation.effects import Evidence, contribution_share, decide, sobel_test
from shidian.mediation.two_step import DirectNotIdentifiedError, mediate
from shidian.report.words import in_words

CLUSTER = {"kind": "cluster", "by": "unit"}


def test_sobel_of_multilevel(reference):
    """h1: multilevel::sobel(HRS, LEAD, WBEING), Bliese & Halverson, N = 7382."""
    frame = pd.read_csv(reference / "multilevel_bh1996.csv")
    m = mediate(frame, "WBEING", "HRS", "LEAD", unit="GRP", cluster="GRP")
    assert m.sobel.indirect == pytest.approx(-0.0221196914218, rel=1e-11)
    assert m.sobel.se == pytest.approx(0.00197898507326, rel=1e-10)
    assert m.sobel.z == pytest.approx(-11.1772906833, rel=1e-10)
    assert (m.delta, m.theta, m.phi) == pytest.approx((-0.0457148802977, 0.483861956495, -0.0431131575647), rel=1e-10)
    assert m.total.coef[0] == pytest.approx(-0.0652328489865, rel=1e-10)
    assert m.direct.n_obs == m.total.n_obs == m.mediator_fit.n_obs == 7382
    # ordinary least squares: the total effect is exactly the sum
    assert m.total.coef[0] == pytest.approx(m.phi + m.sobel.indirect, rel=1e-10)


def test_published_shares_of_the_income_gap_study(shared: Path):
    """31.71% and 35.13% from the printed coefficients of Table 5."""
    study = yaml.safe_load((shared / "published" / "income_gap_cities.yaml").read_text(encoding="utf-8"))
    table = study["tables"]["table5_mediation"]
    for mediator, first, second in (("ais", "M10_ais", "M10_gap"), ("ris", "M11_ris", "M11_gap")):
        delta = table["columns"][first]["did"][0]
        phi, theta = table["columns"][second]["did"][0], table["columns"][second][mediator][0]
        assert contribution_share(delta, theta, phi) == pytest.approx(table["contribution"][mediator], abs=5e-5)


@pytest.mark.parametrize(
    ("numbers", "share"), [((0.1389, 0.1140, 0.0341), 0.3171), ((-0.1161, -0.1502, 0.0322), 0.3513)]
)
def test_printed_shares(numbers, share):
    assert contribution_share(*numbers) == pytest.approx(share, abs=5e-5)


def test_sobel_by_hand():
    test = sobel_test(2.0, 0.5, 3.0, 1.0)
    assert (test.indirect, test.se) == pytest.approx((6.0, np.sqrt(4 + 9 * 0.25)))
    assert test.p == pytest.approx(2 * (1 - 0.991802464), abs=1e-6)


@pytest.mark.parametrize(
    ("p_delta", "p_theta", "phi", "p_phi", "p_sobel", "expected"),
    [
        (0.01, 0.01, 0.2, 0.01, 0.01, "partial"),
        (0.01, 0.01, 0.2, 0.50, 0.01, "full"),
        (0.01, 0.01, -0.2, 0.01, 0.01, "suppression"),
        (0.01, 0.30, 0.2, 0.01, 0.04, "by Sobel"),
        (0.30, 0.01, 0.2, 0.01, 0.30, "none"),
        (float("nan"), 0.01, 0.2, 0.01, 0.30, "undecided"),
    ],
)
def test_decision_tree(p_delta, p_theta, phi, p_phi, p_sobel, expected):
    evidence = Evidence(p_sobel, None, 0.1)
    assert decide(1.0, p_delta, 0.5, p_theta, phi, p_phi, evidence, "stepwise")[0] == expected
    assert decide(1.0, p_delta, 0.5, p_theta, phi, p_phi, evidence)[0] == expected


P, BELOW, ABOVE, ACROSS = 0.01, (-0.3, -0.1), (0.1, 0.3), (-0.1, 0.3)


@pytest.mark.parametrize(
    ("phi", "p_phi", "p_theta", "p_sobel", "interval", "expected", "words"),
    [
        (0.2, P, P, 0.18, ACROSS, "none", "Sobel's test (p = 0.180) and the 95% bootstrap interval [-0.1, 0.3] do not"),
        (
            0.2,
            P,
            P,
            0.18,
            ABOVE,
            "none",
            "but Sobel's test (p = 0.180) does not support an indirect effect: no mediation",
        ),
        (0.2, P, P, 0.05, ACROSS, "none", "but the 95% bootstrap interval [-0.1, 0.3] does not support"),
        (0.2, P, P, 0.18, None, "none", "but Sobel's test (p = 0.180) does not"),
        (0.2, P, P, 0.05, ABOVE, "partial", "partial mediation"),
        (0.2, P, P, 0.05, BELOW, "partial", "partial mediation"),
        (0.2, 0.5, P, 0.18, ACROSS, "none", "phi is not, but Sobel's test"),
        (-0.2, P, P, 0.18, ACROSS, "none", "but phi has the opposite sign of delta theta"),
        (0.2, P, 0.3, 0.04, ACROSS, "none", "but the 95% bootstrap interval [-0.1, 0.3] does not"),
        (0.2, P, 0.3, 0.04, ABOVE, "by Sobel", "Sobel's test finds mediation"),
        (0.2, P, 0.3, 0.4, ACROSS, "none", "nor is Sobel's test (p = 0.400): no mediation"),
    ],
)
def test_mediation_is_said_only_where_the_indirect_effect_is_supported(
    phi, p_phi, p_theta, p_sobel, interval, expected, words
):
    evidence = Evidence(p_sobel, interval, 0.1)
    decision, reasoning = decide(1.0, P, 0.5, p_theta, phi, p_phi, evidence)
    assert decision == expected
    assert words in reasoning
    papers, _ = decide(1.0, P, 0.5, p_theta, phi, p_phi, evidence, "stepwise")
    assert papers == ("by Sobel" if p_theta > 0.1 and p_sobel < 0.1 else "none" if p_theta > 0.1 else
                      "full" if p_phi > 0.1 else "partial" if phi > 0 else "suppression")  # fmt: skip


def weak():
    """Delta and theta significant at 10%, their product not: Sobel p 0.18 and an interval over zero."""
    for seed in range(200):
        frame = simulate(seed, delta=0.22, theta=0.09, phi=0.6)
        m = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, rule="stepwise")
        if m.decision == "partial" and m.sobel.p > 0.12:
            return frame
    raise AssertionError("no such draw")


def test_the_exhibit_says_its_rule_and_what_does_not_support_mediation():
    frame = weak()
    info = StudyInfo("s", "city", "D", {}, seed=1)
    spec = {"id": "e", "kind": "mediation", "outcome": "y", "mediators": ["M"], "controls": ["c"], "replications": 200,
            "fixed_effects": ["unit", "year"], "vcov": CLUSTER, "ssc": "reghdfe"}  # fmt: skip
    said, printed = {}, {}
    for rule in ("supported", "stepwise"):
        result = exhibit.run(frame, {**spec, "decision": rule}, info)
        (row,) = [r for r in result.table.rows if r.label == "Decision"]
        printed[rule] = row.cells[-1].text
        said[rule] = " ".join(result.notes)
        rows = result.estimates.set_index(["column", "term"])
        assert np.isnan(rows.loc[("M: direct", "share"), "estimate"]) == (rule == "supported")
        assert (rows.loc[("M: direct", "M"), "p"] < 0.1) & (rows.loc[("M: mediator", "D"), "p"] < 0.1)
        chinese = in_words(result, "zh").notes
        assert not any("decision rule" in note.lower() or "support" in note for note in chinese), chinese
    assert printed == {"supported": "no mediation", "stepwise": "partial mediation"}
    assert "do not support an indirect effect: no mediation is claimed." in said["supported"]
    assert (
        "mediation only where the indirect effect is supported by Sobel's test at 0.1 and by the 95%"
        in said["supported"]
    )
    assert "Decision rule: stepwise." in said["stepwise"]
    assert "partial mediation" not in said["supported"]


POWERS = st.lists(st.integers(-12, 12), min_size=4, max_size=4)


@pytest.mark.parametrize("vcov", ["iid", CLUSTER], ids=str)
@given(powers=POWERS)
@settings(max_examples=10, deadline=None)
def test_units_of_measure_never_matter(vcov, powers):
    """Outcome, treatment, mediator and control times 1e-12 ... 1e12: share, Sobel and the drawn interval stay."""
    frame = simulate(3, n=30)
    unit = dict(zip(["y", "D", "M", "c"], (10.0**p for p in powers), strict=True))
    scaled = frame.assign(**{name: frame[name] * f for name, f in unit.items()})
    options = {"vcov": vcov, "replications": 60, "seed": 5}
    a, b = (mediate(f, "y", "D", "M", ["c"], ["unit", "year"], **options) for f in (frame, scaled))
    assert (a.decision, a.draws.failed) == (b.decision, b.draws.failed)
    assert [b.share, b.sobel.z, b.sobel.p] == pytest.approx([a.share, a.sobel.z, a.sobel.p], rel=1e-7, nan_ok=True)
    assert b.share_interval == pytest.approx(a.share_interval, rel=1e-7)
    effect = unit["y"] / unit["D"]
    assert np.array(b.interval) / effect == pytest.approx(np.array(a.interval), rel=1e-7)
    assert b.delta * unit["D"] / unit["M"] == pytest.approx(a.delta, rel=1e-7)
    for first, second in zip((a.total, a.mediator_fit, a.direct), (b.total, b.mediator_fit, b.direct), strict=True):
        assert second.coef / second.se == pytest.approx(first.coef / first.se, rel=1e-7)


def test_an_effect_at_the_level_is_not_significant():
    """p < level counts, p = level does not; the sentence names who was not significant."""
    assert decide(1.0, 0.1, 0.5, 0.01, 0.2, 0.01, Evidence(0.3, None, 0.1))[0] == "none"
    assert decide(1.0, 0.01, 0.5, 0.01, 0.2, 0.1, Evidence(0.01, None, 0.1))[0] == "full"
    assert decide(1.0, 0.1, 0.5, 0.01, 0.2, 0.01, Evidence(0.1, None, 0.1))[0] == "none"
    assert decide(1.0, 0.2, 0.5, 0.01, 0.2, 0.01, Evidence(0.3, None, 0.1))[1].startswith("delta is not")
    assert decide(1.0, 0.2, 0.5, 0.2, 0.2, 0.01, Evidence(0.3, None, 0.1))[1].startswith("delta and theta are not")


def test_no_effect_has_no_test_and_no_share():
    none = sobel_test(0.0, 0.5, 0.0, 1.0)
    assert none.indirect == 0
    assert np.isnan([none.se, none.z, none.p]).all()
    assert np.isnan(contribution_share(1.0, 0.5, -0.5))


def simulate(seed=0, n=60, years=8, delta=0.6, theta=0.5, phi=0.3):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"unit": np.repeat([f"u{i:03d}" for i in range(n)], years),
                          "year": np.tile(np.arange(years), n)})  # fmt: skip
    frame["D"] = ((frame["unit"].str[1:].astype(int) % 3 == 0) & (frame["year"] >= years // 2)).astype(float)
    frame["c"] = rng.normal(size=len(frame))
    shock = rng.normal(size=n).repeat(years) * frame["year"] / years
    frame["M"] = delta * frame["D"] + 0.2 * frame["c"] + rng.normal(size=len(frame))
    frame["y"] = phi * frame["D"] + theta * frame["M"] + shock + rng.normal(size=len(frame))
    frame["region"] = frame["unit"].str[1:].astype(int) % 12
    return frame


def test_bootstrap_draw_equals_regressions_on_the_drawn_clusters():
    """Draw r: clusters copied as often as drawn, each copy its own unit, regressions by the ordinary route."""
    from shidian.did.twfe import regress

    frame = simulate().drop(index=[5, 90, 200]).reset_index(drop=True)
    m = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, replications=3, seed=7)
    units = sorted(frame["unit"].unique())
    for r in range(3):
        stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(7, spawn_key=(r,))))
        drawn = stream.integers(0, len(units), len(units))
        copies = [frame[frame["unit"] == units[u]].assign(unit=f"{i}") for i, u in enumerate(drawn)]
        sample = pd.concat(copies, ignore_index=True)
        first = regress(sample, "M", ["D", "c"], ["unit", "year"]).fit
        second = regress(sample, "y", ["D", "M", "c"], ["unit", "year"]).fit
        assert m.draws.delta[r] == pytest.approx(first.coef[0], rel=1e-8)
        assert (m.draws.phi[r], m.draws.theta[r]) == pytest.approx(tuple(second.coef[:2]), rel=1e-8)


@pytest.mark.parametrize(
    ("held", "dearer"),
    [(0, 0), (0, 10**9), (700, 10**9)],
    ids=["demeaned by draw", "a cluster at a time", "some clusters at a time"],
)
@pytest.mark.parametrize("effects", [[], ["year"], ["unit"], ["unit", "year"], ["region", "year"]])
def test_all_routes_of_the_bootstrap_agree(monkeypatch, effects, held, dearer):
    frame = simulate(1, n=30)
    options = {"vcov": CLUSTER, "replications": 20, "seed": 1}
    fast = mediate(frame, "y", "D", "M", ["c"], effects, **options).draws
    monkeypatch.setattr(bootstrap, "LARGEST", held)
    monkeypatch.setattr(bootstrap, "DEARER", dearer)
    slow = mediate(frame, "y", "D", "M", ["c"], effects, **options).draws
    for path in ("delta", "theta", "phi"):
        assert getattr(fast, path) == pytest.approx(getattr(slow, path), rel=1e-7)


def test_draws_depend_on_seed_and_number_alone():
    frame = simulate(2)
    few = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, replications=10, seed=4).draws
    many = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, replications=90, seed=4).draws
    assert many.theta[:10].tobytes() == few.theta.tobytes()
    scaled = frame.assign(M=frame["M"] * 1e5, y=frame["y"] * 1e-3).sample(frac=1, random_state=2)
    moved = mediate(scaled, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, replications=10, seed=4).draws
    assert moved.delta * 1e-5 == pytest.approx(few.delta, rel=1e-7)
    assert moved.theta * 1e8 == pytest.approx(few.theta, rel=1e-7)


def test_common_sample_and_share():
    frame = simulate(3)
    frame.loc[::25, "M"] = np.nan
    m = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, replications=200, seed=1)
    assert m.total.n_obs == m.mediator_fit.n_obs == m.direct.n_obs == frame["M"].notna().sum()
    assert m.direct.n_missing == frame["M"].isna().sum()
    assert m.total.coef[0] == pytest.approx(m.phi + m.delta * m.theta, rel=1e-9)
    assert m.decision == "partial"
    assert m.interval[0] < m.sobel.indirect < m.interval[1]
    assert m.share == pytest.approx(m.delta * m.theta / m.total.coef[0])


@pytest.mark.parametrize(
    ("mediator", "change", "message"),
    [
        ("y", {}, "is also the outcome"),
        ("c", {}, "is also the outcome, the treatment or a control"),
        ("M", {"M": 1.0}, "does not vary"),
        ("nothing", {}, "no column 'nothing'"),
    ],
)
def test_refusals(mediator, change, message):
    with pytest.raises(EstimationError, match=message):
        mediate(simulate().assign(**change), "y", "D", mediator, ["c"], ["unit", "year"])


def test_no_mediation_has_no_share():
    """delta and theta of noise, phi of the sign of their product: the share would be a number without meaning."""
    found = [mediate(simulate(seed, delta=0.0, theta=0.0), "y", "D", "M", ["c"], ["unit", "year"]) for seed in range(6)]
    none = [m for m in found if m.decision == "none"]
    assert {np.sign(m.phi) == np.sign(m.delta * m.theta) for m in none} == {True, False}
    assert all(np.isnan(m.share) for m in none)


def test_draws_without_the_paths_are_counted_and_left_out():
    """17 of 20 units are treated at once: in a draw of treated units alone D is a year effect."""
    frame = simulate(5, n=20)
    frame["D"] = ((frame["unit"] > "u002") & (frame["year"] >= 4)).astype(float)
    frame["M"] += frame["D"]
    alone = 0
    for r in range(100):
        stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(2, spawn_key=(r,))))
        alone += int((stream.integers(0, 20, 20) > 2).all())
    assert 0 < alone < 10
    draws = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, replications=100, seed=2).draws
    assert (draws.failed, len(draws.delta)) == (alone, 100 - alone)


def test_two_clusters_can_be_drawn():
    frame = simulate(n=20).assign(half=lambda f: (f["unit"] > "u009").astype(int))
    draws = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], replications=20, cluster="half").draws
    assert (draws.n_clusters, draws.failed, len(draws.delta)) == (2, 0, 20)
    assert len(np.unique(draws.delta.round(9))) == 3  # both halves once, or one of them twice


def test_percentile_interval():
    """Of 0, 1, ..., 100 the middle 90% reach from 5 to 95."""
    draws = bootstrap.MediationDraws(np.arange(101.0), np.ones(101), np.ones(101), 0, 1, 5)
    assert draws.percentile(draws.delta, 0.9) == pytest.approx((5, 95))
    assert draws.percentile(draws.delta) == pytest.approx((2.5, 97.5))


def test_one_cluster_cannot_be_drawn():
    frame = simulate(n=6).assign(all="one")
    with pytest.raises(EstimationError, match="only one"):
        mediate(frame, "y", "D", "M", [], ["unit"], replications=5, cluster="all")


@pytest.mark.slow
def test_coverage_of_the_bootstrap_interval():
    """Monte Carlo: the percentile interval of delta theta covers 0.3 about 95% of the time."""
    from scipy import stats

    inside, draws = 0, 300
    for seed in range(draws):
        frame = simulate(seed + 500, n=90)
        m = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, replications=399, seed=seed)
        inside += m.interval[0] <= 0.3 <= m.interval[1]
    low, high = stats.binom.ppf([0.0005, 0.9995], draws, 0.95)
    assert low <= inside <= high


def test_a_mediator_without_disturbances_keeps_its_first_steps():
    """M = 2 D + effects exactly: D on M and on y are estimated, D and M apart are not."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(30), 8), "year": np.tile(np.arange(8), 30)})
    frame["d"] = ((frame["unit"] < 15) & (frame["year"] > 3)).astype(float)
    frame["m"] = 2 * frame["d"] + frame["unit"] + 0.5 * frame["year"]
    frame["y"] = 3 * frame["m"] + frame["d"] + rng.normal(size=len(frame))
    with pytest.raises(DirectNotIdentifiedError, match="'m' cannot be estimated: collinear with d") as stopped:
        mediate(frame, "y", "d", "m", (), ("unit", "year"))
    total, first = stopped.value.total, stopped.value.mediator_fit
    assert first.coef[0] == pytest.approx(2, abs=1e-9)
    assert total.coef[0] == pytest.approx(regress(frame, "y", ["d"], ["unit", "year"]).fit.coef[0], abs=1e-12)
    info = StudyInfo("s", "city", "d", {}, seed=1)
    spec = {"id": "e", "kind": "mediation", "outcome": "y", "mediators": ["m"], "steps": ["mediator", "direct"],
            "controls": [], "fixed_effects": ["unit", "year"], "vcov": "iid", "ssc": "reghdfe"}  # fmt: skip
    result = exhibit.run(frame, spec, info)
    rows = result.estimates.set_index(["column", "term"])
    assert rows.loc[("m: mediator", "d"), "estimate"] == pytest.approx(2, abs=1e-9)
    for term in ("d", "m", "share"):
        assert np.isnan(rows.loc[("m: direct", term), "estimate"])
        assert "collinear with d" in rows.loc[("m: direct", term), "reason"]
    assert "Direct effect not estimated: 'm' cannot be estimated: collinear with d." in " ".join(result.notes)


@pytest.mark.parametrize("replications", [64, 65, 100])
def test_draws_are_the_same_when_clusters_are_summed_some_at_a_time(monkeypatch, replications):
    frame = simulate(n=20)
    whole = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, replications=replications).draws
    monkeypatch.setattr(bootstrap, "LARGEST", 500)
    monkeypatch.setattr(bootstrap, "DEARER", 10**9)
    parts = mediate(frame, "y", "D", "M", ["c"], ["unit", "year"], vcov=CLUSTER, replications=replications).draws
    assert len(parts.delta) == replications
    assert parts.delta == pytest.approx(whole.delta, rel=1e-9)
