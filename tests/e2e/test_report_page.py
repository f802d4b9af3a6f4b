"""The report page in a real browser: it opens without complaint, and a click on a number shows its estimate."""

import pytest
from shidian.report.files import write_figure_files, write_table_files
from shidian.report.html import render_html
from shidian.report.index import IndexEntry, render_index

from tests.e2e.chromium import CHROMIUM, Browser
from tests.e2e.report_checks import LINKS, PANEL
from tests.report import report_samples as samples

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """An index page and one report, with the files that they link to."""
    folder = tmp_path_factory.mktemp("site")
    report = samples.study_report("en")
    (folder / "demo").mkdir()
    (folder / "demo" / "report.html").write_text(render_html(report), encoding="utf-8")
    for exhibit in report.exhibits:
        write_table_files(exhibit.result, exhibit.meta, folder / "demo" / "exhibits")
        write_figure_files(exhibit.result, exhibit.meta, folder / "demo" / "exhibits")
    index = render_index([IndexEntry("demo", "研究", {"html": "demo/report.html"})])
    (folder / "index.html").write_text(index, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture
def page(browser, site):
    browser.open((site / "demo" / "report.html").as_uri())
    return browser


def test_page_opens_without_complaint_and_without_network(page):
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    assert page.run("[...document.querySelectorAll('main img')].map(i => i.naturalWidth)") == [1260, 1260]
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")


def test_page_carries_its_chinese_glyphs(page):
    """Whatever fonts the reader has: with a Chinese font of its own a browser leaves the embedded one unloaded."""
    load = "document.fonts.load('12px shidian-cjk', '低碳试点').then(faces => faces.map(f => [f.family, f.status]))"
    assert page.run(load) == [["shidian-cjk", "loaded"]]
    page.run("document.querySelector('h1').textContent = '低碳试点'")
    page.run("document.querySelector('h1').style.fontFamily = 'shidian-cjk'")
    page.run("document.querySelector('h1').offsetWidth")  # lays the page out again
    (used,) = page.fonts("h1")
    assert (used["isCustomFont"], used["glyphCount"]) == (True, 4)


def test_links_resolve(page, site):
    links = page.run(LINKS)
    inner = [href[1:] for href in links if href.startswith("#")]
    assert len(inner) == 9
    assert [name for name in inner if not page.run(f"document.getElementById({name!r}) !== null")] == []
    files = [href for href in links if not href.startswith(("#", "http"))]
    assert len(files) == 5
    assert [href for href in files if not (site / "demo" / href).is_file()] == []


def test_click_shows_where_a_number_comes_from(page):
    assert page.run("document.getElementById('panel').hidden")
    page.click("#table-baseline td[data-field=se]")
    shown = page.run(PANEL)
    assert not page.run("document.getElementById('panel').hidden")
    assert (shown["Printed"], shown["Exhibit"], shown["Column"], shown["Term"]) == ("(0.0051)", "baseline", "c1", "did")
    assert (shown["Estimate"], shown["Standard error"]) == ("0.017312346", "0.0051")
    assert (shown["Degrees of freedom"], shown["Observations"], shown["Clusters"]) == ("279", "4200", "280")
    assert (shown["Singletons dropped"], shown["Seed"]) == ("3", "7")
    assert shown["Standard errors"] == "clustered by city (CRV1)"
    assert shown["Small-sample convention"] == "reghdfe"
    assert shown["95% interval"].startswith("[0.0072")
    assert shown["Outcome"] == "ln(CO2)"  # the column's trace
    assert page.run("document.querySelector('#panel .links a').getAttribute('href')") == "exhibits/baseline.csv"
    page.click("#panel-close")
    assert page.run("document.getElementById('panel').hidden")
    assert page.complaints == []


def test_other_numbers_say_normal_or_why_there_is_none(page):
    page.click("#table-baseline td[data-term=eco]")
    shown = page.run(PANEL)
    assert (shown["Degrees of freedom"], shown["Estimate"]) == ("∞ (normal)", "0.5")
    page.click("#table-baseline td[data-field=reason]")
    shown = page.run(PANEL)
    assert shown["Why there is none"] == "collinear with eco"
    assert "Estimate" not in shown
    page.press("Escape")
    assert page.run("document.getElementById('panel').hidden")


def test_keyboard_opens_the_panel(page):
    page.run("document.querySelector('td[data-field=n_obs]').focus()")
    page.press("Enter")
    assert page.run(PANEL)["Printed"] == "4,200"


def test_figures_enlarge_and_close(page):
    page.click("main img.enlarge")
    assert page.run("document.getElementById('lightbox').open")
    assert page.run("document.querySelector('#lightbox img').naturalWidth") == 1260
    page.click("#lightbox img")
    assert not page.run("document.getElementById('lightbox').open")


def test_a_table_is_copied_with_its_cells(page):
    page.run("document.addEventListener('copy', () => { window.copied = window.getSelection().toString() })")
    page.click("button.copy[data-table=table-baseline]")
    lines = page.run("window.copied").splitlines()
    assert ["试点 DID", "0.0173***", "-0.0143***"] in [line.split("\t") for line in lines]
    assert page.run("document.querySelector('button.copy').textContent") == "Copied"


def test_index_leads_to_the_report(browser, site):
    browser.open((site / "index.html").as_uri())
    assert browser.complaints == []
    browser.click("h2 a")
    while not browser.run("document.readyState === 'complete' && location.pathname.endsWith('demo/report.html')"):
        pass
    assert browser.run("document.title") == "Low-carbon pilots 低碳试点"
