"""The sentences of a note that a style changes: what stands with the coefficients, what the marks mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shidian.exhibits.legend import is_legend
from shidian.exhibits.notes import stars_sentence
from shidian.messages import Words, say
from shidian.messages.words import said
from shidian.report.styled.style import PrintStyle

Z = "{statistic} statistics in parentheses; errors"
ERRORS = ("Standard errors in parentheses", Z)
"""Templates of what is said of standard errors by the kinds of exhibit."""
IN_BRACKETS: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("se", "()"): lambda _: say("Standard errors in parentheses"),
    ("se", "[]"): lambda _: say("Standard errors in brackets"),
    ("t", "()"): lambda name: say("{statistic} statistics in parentheses; errors", statistic=name),
    ("t", "[]"): lambda name: say("{statistic} statistics in brackets; errors", statistic=name),
    ("p", "()"): lambda _: say("p-values in parentheses; errors"),
    ("p", "[]"): lambda _: say("p-values in brackets; errors"),
    ("interval", "()"): lambda _: say("95% confidence intervals in parentheses; errors"),
    ("interval", "[]"): lambda _: say("95% confidence intervals in brackets; errors"),
}


def styled_notes(
    notes: Iterable[str], messages: Mapping[str, Words], style: PrintStyle
) -> tuple[tuple[str, ...], dict[str, Words]]:
    """Return the sentences as a style has them, and what is behind those that it changed."""
    found, behind = [], dict[str, Words]()
    for note in notes:
        if is_legend(note) and style.stars is not None:
            found += [stars_sentence(style.stars)] if style.stars else []
            continue
        words = messages.get(note) or said(note)
        changed = _swapped(words, style) if isinstance(words, Words) else note
        if isinstance(changed, Words) and str(changed) != note:
            behind[str(changed)] = changed
        found.append(str(changed))
    return tuple(found), behind


def _swapped(value: Any, style: PrintStyle) -> Any:
    """Return words with the part on standard errors as the style says it."""
    if isinstance(value, list):
        return [_swapped(one, style) for one in value]
    if not isinstance(value, Words):
        return value
    if value.how == "say" and value.parts[""] in ERRORS:
        return _errors(value, style)
    return Words.of(value.how, {name: _swapped(one, style) if name else one for name, one in value.parts.items()})


def _errors(value: Words, style: PrintStyle) -> Any:
    statistic = style.statistic or ("se" if value.parts[""] == ERRORS[0] else "t")
    if statistic == "none":
        return said(say("Standard errors"))
    name = "z" if value.parts.get("statistic") == "z" else "t"
    return said(IN_BRACKETS[statistic, style.brackets or "()"](name))
