"""HTML index over the studies of a run: a line each, those that could not run included, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from shidian.report.captions import captions
from shidian.report.headline import Headline
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
        missing: the raw files that the study lacks, folded below the reason.
        headline: its first estimate of the policy, None where it has none.
        placebo_p: p of its first placebo test, as printed; "" without one.
        warnings: how many sentences of its exhibits a referee would say.
        ran: when its results were made, as printed.
        changed: what of its numbers changed since the last run, as printed.
    """

    study: str
    title: str
    files: Mapping[str, str] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
    simulated: bool = False
    not_run: str = ""
    missing: tuple[str, ...] = ()
    headline: Headline | None = None
    placebo_p: str = ""
    warnings: int | None = None
    ran: str = ""
    changed: str = ""


def render_index(entries: Iterable[IndexEntry], lang: str = "en") -> str:
    """Return the index page over the studies as self-contained HTML."""
    known = list(entries)
    page = environment().get_template("index.html.j2")
    css = Markup(template_text("report.css"))
    ran, left_out = ([e for e in known if bool(e.not_run) is out] for out in (False, True))
    return with_font(page.render(ran=ran, left_out=left_out, words=captions(lang), lang=lang, css=css))
