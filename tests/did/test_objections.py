"""The referee's box: a rejected test before adoption, a HonestDiD set with zero in it, neither without cause."""

import re

import pytest
from shidian.did.pretest_words import rejected
from shidian.exhibits.result import StudyInfo
from shidian.report.catalogue import in_language

from tests.did.simulate import staggered_panel
from tests.exhibits.exhibit_checks import run_exhibit

INFO = StudyInfo("demo", "city", "d", seed=1)
SPEC = {
    "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}  # fmt: skip
REJECTED = re.compile(r"are jointly zero is rejected \((.+?)\): treated and comparison units moved apart")


def panel(slope, effect=2.0, noise=0.3):
    """Return a panel whose treated units drift by ``slope`` a year."""
    frame = staggered_panel(3, lambda tau: effect + 0 * tau, noise=noise)
    return frame.assign(y=frame["y"] + slope * frame["year"] * frame["adoption_year"].notna(), unit_name=frame["unit"])


def warnings(kind, frame, **more):
    window = {"window": [-4, 2], **more}
    return run_exhibit(kind, frame, window, SPEC, INFO).warnings


@pytest.mark.parametrize(
    ("kind", "more", "statistic"),
    [
        ("event_study", {}, r"F\(3, 59\) = [\d.]+, p < 0\.0001"),
        ("staggered_did", {"estimators": ["callaway_santanna"]}, r"χ²\(\d+\) = [\d.]+, p < 0\.0001"),
    ],
)
def test_a_rejected_test_before_adoption_is_an_objection_with_its_p(kind, more, statistic):
    found = [text for text in warnings(kind, panel(0.5), **more) if REJECTED.search(text)]
    assert len(found) == 1
    assert re.fullmatch(statistic, REJECTED.search(found[0])[1])
    assert re.search("[a-z]{4}", in_language(found[0], "zh").replace("Callaway", "")) is None
    assert not any(REJECTED.search(text) for text in warnings(kind, panel(0.0), **more))


def test_a_test_is_rejected_below_five_per_cent_and_without_p_never():
    assert rejected("all", "F", 0.0499) != ()
    assert "p = 0.0499" in rejected("all", "F", 0.0499)[0]
    assert rejected("all", "F", 0.05) == rejected("all", "F", float("nan")) == ()


@pytest.mark.parametrize("target", [0, "average"])
def test_a_honest_set_with_zero_in_it_where_trends_are_strict_is_an_objection(target):
    more = {"target": target, "relative_magnitudes": [0, 1], "smoothness": [0, 0.5]}
    found = [text for text in warnings("honest_did", panel(0.0, effect=0.0, noise=1.0), **more) if "holds zero" in text]
    assert [text.split(", the 95%")[0] for text in found] == [
        "under parallel trends",
        "at M̄ = 0, with no violation after adoption",
        "at M = 0, with differences in trends that stay straight lines",
    ]
    assert not any("not even" in in_language(text, "zh") for text in found)
    clear = warnings("honest_did", panel(0.0, effect=5.0), **more)
    assert not any("holds zero" in text for text in clear)
