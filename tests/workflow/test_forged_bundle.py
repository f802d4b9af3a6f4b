"""Forgeries of a real bundle: each is named by a check that runs nothing of the bundle."""

import re

import pytest
from shidian.audit.verify.static import verify

from ..audit.small_bundle import forge, members

pytestmark = pytest.mark.workflow
STUDY = "results/castle_doctrine"


def f1(content):
    """The estimate is moved in result, CSV, LaTeX, page and exhibit map."""
    names = [f"{STUDY}/estimates/twfe.json", f"{STUDY}/exhibits/twfe.csv", f"{STUDY}/exhibits/twfe.tex"]
    names += [f"{STUDY}/report.html", "audit/exhibit_map.csv", f"{STUDY}/exhibits/twfe_estimates.csv"]
    return {
        name: re.sub(rb"0\.0694|0\.06939", lambda m: m[0].replace(b"0.06", b"0.09"), content[name]) for name in names
    }


def f2(content):
    """The page alone prints another number."""
    name = f"{STUDY}/report.html"
    return {name: content[name].replace(b">0.0694<", b">0.999<")}


def short(*names):
    return lambda content: dict.fromkeys((f"{STUDY}/{name}" for name in names), b"%PDF")


def f6(content):
    """The event study's figure is the placebo's."""
    places = {f"{STUDY}/exhibits/event_study.{end}": f"{STUDY}/exhibits/placebo.{end}" for end in ("png", "pdf")}
    return {name: content[other] for name, other in places.items()}


@pytest.mark.parametrize(
    ("forgery", "words"),
    [
        (f1, r"twfe.json: column '.*', term 'post': .* over its error"),
        (
            f2,
            r"another number: results/castle_doctrine/report.html: exhibit '\w+', .*: '0.999', the result has '0.0694'",
        ),
        (short("report.pdf"), "unreadable: results/castle_doctrine/report.pdf: 4 bytes that are no PDF"),
        (short("exhibits/twfe.xlsx"), "unreadable: .*twfe.xlsx: 4 bytes that are no Excel workbook"),
        (short("exhibits/twfe.tex"), "another number: .*twfe.tex: 0 rows, the result has"),
        (short("panel.parquet"), "unreadable: .*panel.parquet: 4 bytes that are no Parquet file"),
        (f6, "another figure: .*event_study.png: the picture is"),
    ],
)
def test_a_forgery_is_named(bundle, tmp_path, forgery, words):
    content = members(bundle)
    changed = forgery(content)
    assert all(content[name] != new for name, new in changed.items())
    found = "\n".join(map(str, verify(forge(content | changed, tmp_path / "b.zip")).faults))
    assert re.search(words, found), found


def test_an_honest_bundle_made_anew_by_another_hand_passes(bundle, tmp_path):
    verdict = verify(forge(members(bundle), tmp_path / "b.zip"))
    assert verdict.faults == ()
    assert any("byte for byte" in text for text in verdict.passed)
