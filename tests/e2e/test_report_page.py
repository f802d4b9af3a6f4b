"""The report page in a real browser: it opens without complaint, and a click on a number shows its estimate."""

import base64
import json
from dataclasses import replace

import pytest
from shidian.report.files import write_figure_files, write_table_files
from shidian.report.html import render_html
from shidian.report.index import IndexEntry, render_index

from tests.e2e.chromium import CHROMIUM, Browser
from tests.e2e.report_checks import LINKS, PANEL
from tests.report import report_samples as samples

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")


CELLS = {
    "columns": {"baseline": {"c1": 0}}, "used": [base64.b64encode(bytes([255] * 8 + [1])).decode()],
    "files": ["raw/面板.xlsx"], "file": [0] * 65, "place": [f"表!B{n}" for n in range(65)],
    "series": {"of": [0] * 65, "names": ["s.gdp"]}, "unit": {"of": [n % 2 for n in range(65)],
    "names": [["110000", "北京市"], ["120000", "天津市"]]}, "measure": {"of": [0] * 65, "names": ["亿元"]},
    "year": [1960 + n for n in range(65)], "value": [n - 1.5 for n in range(65)],
}  # fmt: skip


def with_cells(report):
    """The report with an index above it, and with the trail of one column down to its cells."""
    baseline = report.exhibits[0]
    lines = (*baseline.traces["c1"], ("Workbook cells", "65 cells in 1 files: 面板.xlsx"))
    exhibits = (replace(baseline, traces={"c1": lines}), *report.exhibits[1:])
    return replace(report, exhibits=exhibits, beside={"index": "../index.html", "cells": "cells.js"})


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """An index page and one report, with the files that they link to."""
    folder = tmp_path_factory.mktemp("site")
    report = with_cells(samples.study_report("en"))
    (folder / "demo").mkdir()
    (folder / "demo" / "cells.js").write_text(f"shidianCells({json.dumps(CELLS)});", encoding="utf-8")
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
    assert page.run("[...document.querySelectorAll('main img')].map(i => i.naturalWidth)") == [1890, 1890]
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
    assert len(inner) == 22
    assert [name for name in inner if not page.run(f"document.getElementById({name!r}) !== null")] == []
    files = [href for href in links if not href.startswith(("#", "http"))]
    assert len(files) == 5 + 1
    assert [href for href in files if not (site / "demo" / href).is_file()] == []


def test_click_shows_where_a_number_comes_from(page):
    assert page.run("document.getElementById('panel').hidden")
    page.click("#table-baseline td[data-field=se]")
    shown = page.run(PANEL)
    assert not page.run("document.getElementById('panel').hidden")
    assert (shown["Printed"], shown["Column"], shown["Term"]) == ("(0.0051)", "ln(CO2), (1)", "试点 DID")
    assert (shown["Estimate"], shown["Standard error"]) == ("0.017312346", "0.0051")
    assert (shown["Degrees of freedom"], shown["Observations"], shown["Clusters"]) == ("279", "4,200", "280")
    assert (shown["Singletons dropped"], shown["Seed"]) == ("3", "7")
    assert shown["Standard errors"] == "clustered by city (CRV1)"
    assert shown["Small-sample convention"] == "reghdfe"
    assert shown["95% interval"].startswith("[0.0072")
    assert shown["t(279)"].startswith("3.39")
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


FOCUS = "(a => [a.dataset.column, a.dataset.term, a.dataset.field])(document.activeElement)"


def test_a_table_is_one_stop_and_arrows_go_from_number_to_number(page):
    stops = "[...document.querySelectorAll('#table-baseline td[tabindex]')].map(c => c.tabIndex)"
    assert sorted(page.run(stops)) == [-1] * 7 + [0]
    page.run("document.querySelector('#table-baseline td[tabindex=\"0\"]').focus()")
    assert page.run(FOCUS) == ["c1", "did", "estimate"]
    for key, place in [
        ("ArrowRight", ["c2", "did", "estimate"]),
        ("ArrowRight", ["c2", "did", "estimate"]),  # there is none beyond
        ("ArrowDown", ["c2", "did", "se"]),
        ("ArrowDown", ["c2", "eco", "estimate"]),
        ("ArrowUp", ["c2", "did", "se"]),
        ("Home", ["c1", "did", "se"]),
        ("End", ["c2", "did", "se"]),
    ]:
        page.press(key)
        assert page.run(FOCUS) == place, key
    assert sorted(page.run(stops)) == [-1] * 7 + [0]


@pytest.mark.parametrize("key", ["Enter", " "])
def test_keyboard_opens_the_panel_and_escape_returns(page, key):
    page.run("document.querySelector('td[data-field=n_obs]').focus()")
    page.press(key)
    assert page.run(PANEL)["Printed"] == "4,200"
    assert page.run("document.activeElement.id") == "panel"
    page.press("Escape")
    assert page.run("document.getElementById('panel').hidden")
    assert page.run(FOCUS) == ["c1", "did", "n_obs"]


CELL_ROWS = "[...document.querySelectorAll('#panel .cells tbody tr')].map(r => [...r.cells].map(c => c.textContent))"


def test_the_panel_goes_down_to_the_cells(page):
    page.click("#table-baseline td[data-field=se]")
    page.click("#panel .show-cells")
    while not page.run("document.querySelector('#panel .cells input') !== null"):
        pass
    rows = page.run(CELL_ROWS)
    assert len(rows) == 50
    assert rows[0] == ["北京市", "1960", "−1.5 亿元", "gdp", "面板.xlsx 表!B0"]
    assert page.run("document.querySelector('#panel .cells [role=status]').textContent") == "50 of 65 cells"
    page.click("#panel .cells > button")
    assert len(page.run(CELL_ROWS)) == 65
    search = "(f => { f.value = '天津 2023'; f.dispatchEvent(new Event('input')) })"
    page.run(f"{search}(document.querySelector('#panel .cells input'))")
    assert [row[4] for row in page.run(CELL_ROWS)] == ["面板.xlsx 表!B63"]
    assert page.complaints == []


def test_search_finds_exhibits_by_labels_and_notes(page):
    type_in = "(f => { f.value = %r; f.dispatchEvent(new Event('input')) })(document.getElementById('search'))"
    found = "[...document.querySelectorAll('#search-found a')].map(a => a.hash)"
    page.run(type_in % "试点 did")
    assert page.run(found) == ["#exhibit-baseline"]
    assert page.run("document.getElementById('contents').hidden")
    page.run(type_in % "jrc")
    assert page.run(found) == ["#sources"]
    page.run(type_in % "")
    assert not page.run("document.getElementById('contents').hidden")


def test_the_place_read_is_marked(page):
    page.run("document.getElementById('exhibit-prose').scrollIntoView({behavior: 'instant'})")
    marked = "[...document.querySelectorAll('nav [aria-current]')].map(a => a.hash)"
    while page.run(marked) != ["#exhibit-prose"]:
        pass


def test_the_first_column_stays_on_a_phone(page):
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.send("Emulation.setDeviceMetricsOverride", **phone)
    try:
        label = "document.querySelector('#table-wide tbody th').getBoundingClientRect().left"
        before = page.run(label)
        page.run("document.querySelector('#table-wide').parentElement.scrollLeft = 300")
        assert page.run(label) == pytest.approx(before, abs=1)
        assert page.run("document.documentElement.scrollWidth") == 390
    finally:
        page.send("Emulation.clearDeviceMetricsOverride")


def test_figures_enlarge_and_close(page):
    page.click("main button.enlarge")
    assert page.run("document.getElementById('lightbox').open")
    assert page.run("document.querySelector('#lightbox img').naturalWidth") == 1890
    page.click("#lightbox img")
    assert not page.run("document.getElementById('lightbox').open")


def test_a_table_is_copied_with_its_cells(page):
    page.run("document.addEventListener('copy', () => { window.copied = window.getSelection().toString() })")
    page.click("button.copy[data-table=table-baseline]")
    lines = page.run("window.copied").splitlines()
    assert any("Title of baseline 标题 (SIMULATED)" in line for line in lines)
    assert any(line.startswith("Note: SIMULATED") for line in lines)
    assert ["试点 DID", "0.0173***", "\N{MINUS SIGN}0.0143***"] in [line.split("\t") for line in lines]
    assert page.run("document.querySelector('button.copy').textContent") == "Copied"


def test_index_leads_to_the_report(browser, site):
    browser.open((site / "index.html").as_uri())
    assert browser.complaints == []
    browser.follow("tbody th a")
    assert browser.run("location.pathname").endswith("demo/report.html")
    assert browser.run("document.title") == "Low-carbon pilots 低碳试点"
