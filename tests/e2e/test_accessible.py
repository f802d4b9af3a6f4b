"""The pages against WCAG 2.1 AA, as far as axe-core sees; it is not shipped (MPL-2.0): `make axe` fetches it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from shidian.code_digests import ROOT
from shidian.report.html import render_html
from shidian.report.index import IndexEntry, render_index

from tests.e2e.chromium import CHROMIUM, Browser
from tests.report import report_samples as samples

AXE = Path(os.environ.get("SHIDIAN_AXE", ROOT / ".axe" / "node_modules" / "axe-core" / "axe.min.js"))
RESULTS = Path(os.environ.get("SHIDIAN_RESULTS", ROOT / "results"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (make debian)"),
    pytest.mark.skipif(not AXE.is_file(), reason=f"no axe-core at {AXE}: `make axe`, or SHIDIAN_AXE"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def faults(browser):
    """What axe finds: rule, weight, the first element."""
    browser.run(AXE.read_text(encoding="utf-8") + ";0")
    return browser.run(
        f"axe.run(document, {{resultTypes: ['violations'], runOnly: {RULES}}})"
        ".then(r => r.violations.map(v => [v.id, v.impact, v.nodes[0].html.slice(0, 200)]))"
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_and_its_panel(browser, tmp_path, lang):
    report = replace(samples.study_report(lang), beside={"index": "index.html"})
    (tmp_path / "report.html").write_text(render_html(report), encoding="utf-8")
    browser.open((tmp_path / "report.html").as_uri())
    assert faults(browser) == []
    browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    browser.click("#table-baseline td[data-field]")
    assert faults(browser) == []


def test_the_index(browser, tmp_path):
    entries = [
        IndexEntry("a", "A", {"html": "a.html"}, simulated=True, warnings=2),
        IndexEntry("b", "B", not_run="1 raw files are missing", missing=("x.xlsx",)),
    ]
    (tmp_path / "index.html").write_text(render_index(entries), encoding="utf-8")
    browser.open((tmp_path / "index.html").as_uri())
    assert faults(browser) == []


@pytest.mark.parametrize(
    "path",
    sorted(RESULTS.glob("*/report.html"))
    or [pytest.param(None, marks=pytest.mark.skip(reason=f"no finished report in {RESULTS}: `make run`"))],
    ids=lambda path: path.parent.name if path else "none",
)
def test_a_finished_report(browser, path):
    browser.open(path.as_uri())
    assert faults(browser) == []
