"""Every report of a finished run and the index over them, in a real browser and page by page in the PDF.

The reports are those in ``results/`` of this folder, or of the folder in ``SHIDIAN_RESULTS``.
"""

import os
import re
from pathlib import Path

import pdfplumber
import pytest
from shidian.code_digests import ROOT

from tests.e2e.chromium import CHROMIUM, Browser
from tests.e2e.report_checks import LINKS, check_page, check_report

RESULTS = Path(os.environ.get("SHIDIAN_RESULTS", ROOT / "results"))
REPORTS = sorted(path.parent.name for path in RESULTS.glob("*/report.html"))
MARGIN = 62.36
"""Left and right margin of a page of the PDF in points: 2.2 cm."""
SLACK = 6
"""Points by which a line may stand out: hanging punctuation, the frame of the warnings."""

each_report = pytest.mark.parametrize(
    "study",
    REPORTS or [pytest.param("", marks=pytest.mark.skip(reason=f"no finished report in {RESULTS}: `make run`"))],
)
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (make debian)")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@in_browser
@each_report
def test_report_opens_and_every_exhibit_leads_to_an_estimate(browser, study):
    check_report(browser, RESULTS / study)


@in_browser
@pytest.mark.skipif(not (RESULTS / "index.html").is_file(), reason=f"no index in {RESULTS}: `make run`")
def test_index_opens_and_leads_to_reports(browser):
    browser.open((RESULTS / "index.html").as_uri())
    check_page(browser, RESULTS)
    reports = [link for link in browser.run(LINKS) if link.endswith("/report.html")]
    assert reports
    assert {link.split("/")[0] for link in reports} <= set(REPORTS)


@each_report
def test_pages_of_the_pdf_keep_their_margins_and_say_simulated(study):
    if not (RESULTS / study / "report.pdf").is_file():
        pytest.skip("no PDF beside the page")
    simulated = "(SIMULATED data)" in title(study) or "模拟数据 SIMULATED" in title(study)
    with pdfplumber.open(RESULTS / study / "report.pdf") as document:
        for page in document.pages:
            words = page.extract_words()
            assert len(words) > 8, f"page {page.page_number} is nearly empty"
            out = [w["text"] for w in words if w["x0"] < MARGIN - SLACK or w["x1"] > page.width - MARGIN + SLACK]
            assert out == [], f"page {page.page_number}: {out} stand outside the margins"
            assert any("SIMULATED" in w["text"] for w in words[:20]) == simulated, page.page_number
            page.close()


def title(study: str) -> str:
    page = (RESULTS / study / "report.html").read_text(encoding="utf-8")
    return re.search("<title>(.*?)</title>", page)[1]
