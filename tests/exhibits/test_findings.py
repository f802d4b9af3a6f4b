"""Which findings of a paper come back: sign, significance, order."""

import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.exhibits.truth.findings import finding, findings_sentences, order_sentences
from shidian.exhibits.truth.printed import Printed


def ours(estimate, p):
    return pd.Series({"estimate": estimate, "p": p})


@pytest.mark.parametrize(
    ("printed", "estimate", "p", "said"),
    [
        (Printed("0.02", "0.01", "2"), 0.5, 0.03, "comes back"),
        (Printed("0.02", "0.01", "2"), -0.5, 0.03, "other sign"),
        (Printed("-0.02", "0.01", "1"), -0.5, 0.3, "not significant here"),
        (Printed("0.02", "0.04", "0"), -0.5, 0.3, "comes back"),
        (Printed("0.02", "0.04", "0"), 0.5, 0.01, "significant here"),
        (Printed("0.02"), 0.5, 0.01, ""),
        (Printed("0.02", "0.04", "3"), float("nan"), 0.01, ""),
        (Printed("0.02", "0.04", "3"), 0.5, float("nan"), ""),
    ],
)
def test_a_finding_is_sign_and_significance(printed, estimate, p, said):
    assert finding(printed, ours(estimate, p)) == said


def test_the_note_counts_what_comes_back_and_names_what_does_not():
    assert findings_sentences([("a", ""), ("b", "")]) == []
    found = findings_sentences([("a", "comes back"), ("Table 4: b", "other sign"), ("c", "")])
    assert found[0].startswith("Finding: 1 of 2 coefficients")
    assert found[1:] == ["Not: Table 4: b (other sign)."]
    many = findings_sentences([(str(n), "other sign") for n in range(15)])
    assert many[1].endswith("11 (other sign); 3 more.")


def test_the_order_of_effects_is_held_against_the_printed_one():
    values = {
        "East": (Printed("0.3"), ours(0.1, 0.1)), "West": (Printed("0.2"), ours(0.4, 0.1)),
        "Central": (Printed("0.1"), ours(0.05, 0.1)),
    }  # fmt: skip
    assert order_sentences([["Central", "West"], ["Central", "East", "West"]], values) == [
        "Order, largest first: West, Central, as printed.",
        "Order, largest first: printed East, West, Central; here West, East, Central.",
    ]
    with pytest.raises(EstimationError, match=r"'orders' names 'Wst'.*did you mean 'West'"):
        order_sentences([["East", "Wst"]], values)
