"""HTML index over the studies of a run, those that could not run included, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from shidian.report.captions import captions
from shidian.report.html import environment, template_text, with_font


@dataclass(frozen=True)
class IndexEntry:
    """One study on the index page.

    Attributes:
        study: id.
        title: as in the study file.
        files: label -> path relative to the index page (``{"html": "castle/report.html"}``).
        summary: lines under the title.
        simulated: True marks the study SIMULATED.
        not_run: why there is no report, empty when there is one.
    """

    study: str
    title: str
    files: Mapping[str, str] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
    simulated: bool = False
    not_run: str = ""


def render_index(entries: Iterable[IndexEntry], lang: str = "en") -> str:
    """Return the index page over the studies as self-contained HTML."""
    page = environment().get_template("index.html.j2")
    css = Markup(template_text("report.css"))
    return with_font(page.render(entries=list(entries), words=captions(lang), lang=lang, css=css))
