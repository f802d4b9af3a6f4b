"""What must hold of any report page of a finished run, in a real browser."""

import json
from urllib.parse import unquote

LINKS = "[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
PANEL = (
    "Object.fromEntries([...document.querySelectorAll('#panel dt')].map(t => [t.innerText, t.nextSibling.innerText]))"
)
"""JavaScript for what the panel shows, name -> value."""


def check_page(browser, folder):
    """A page that complains of nothing, asks the network for nothing, and whose links and pictures are there."""
    assert browser.complaints == []
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []
    assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")
    assert browser.run("[...document.querySelectorAll('img[src]')].filter(i => i.naturalWidth < 300).length") == 0
    links = browser.run(LINKS)
    inner = [unquote(href[1:]) for href in links if href.startswith("#")]
    assert [name for name in inner if not browser.run(f"document.getElementById({json.dumps(name)}) !== null")] == []
    files = [unquote(href) for href in links if not href.startswith(("#", "http"))]
    for href in files:
        path, _, part = href.partition("#")
        assert (folder / path).is_file(), href
        assert not part or f'id="{part}"' in (folder / path).read_text(encoding="utf-8"), href


def check_report(browser, folder):
    """A report page whose exhibits all show a table or a figure, and whose numbers open the panel with their trail."""
    browser.open((folder / "report.html").as_uri())
    check_page(browser, folder)
    exhibits = browser.run(
        "[...document.querySelectorAll('section.exhibit')].map(s => [s.id, s.querySelectorAll('figure img').length,"
        " s.querySelectorAll('table.printed tbody tr').length, s.querySelectorAll('p.note').length])"
    )
    drawn = {f"exhibit-{path.stem}" for path in (folder / "exhibits").glob("*.png")}
    shown = {name for name, images, _, _ in exhibits if images}
    assert shown <= drawn
    for name in drawn - shown:  # a figure that an earlier exhibit shows
        text = browser.run(f"document.getElementById({json.dumps(name)}).innerText")
        assert "Its figure is that of" in text or "其图见" in text, name
    assert [name for name, images, rows, _ in exhibits if not images and not rows] == []
    assert [name for name, _, _, notes in exhibits if not notes] == []
    for name, *_ in exhibits:
        cell = f"#{name} td[data-field]:not([data-field=reason])"
        if not browser.run(f"document.querySelector({json.dumps(cell)}) !== null"):
            continue
        browser.run(f"document.querySelector({json.dumps(cell)}).closest('details')?.setAttribute('open', '')")
        printed = browser.run(f"document.querySelector({json.dumps(cell)}).innerText.trim()")
        browser.click(cell)
        shown = browser.run(PANEL)
        assert printed in shown.values(), name
        assert len(shown) > 4, f"{name}: no trail beside {printed}"
        browser.press("Escape")
    assert browser.complaints == []
