"""What an author's ``{{...}}`` asks for: a table, a figure, or one number of an exhibit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shidian.audit.manuscript.finished import FinishedExhibit, FinishedStudy
from shidian.errors import AuditError, nearest
from shidian.messages import say

MARK = re.compile(r"[{｛]{2}(?![<%])([^{}｛｝\n]*[:：][^{}｛｝\n]*)[}｝]{2}")
"""A mark: braces twice around a text with a colon, also those of a Chinese keyboard; Quarto's own begin with < or %."""
_BEGUN = re.compile(r"[{｛]{2}\s*([^{}｛｝:：\n]+?)\s*[:：]")
BLOCKS = ("table", "figure")
FIELDS = {
    "se": "se", "t": "statistic", "p": "p", "n": "n_obs", "low": "ci_low", "high": "ci_high", "units": "n_units",
    "clusters": "n_clusters", "r2": "r2", "within": "r2_within",
}  # fmt: skip
"""Option of a mark -> the field of the estimate that it prints."""
STARS, PERCENT = ("stars",), ("%", r"\%", "percent")
_TYPESET = (
    ("–", "-"), ("−", "-"), ("\u2011", "-"), ("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'),
    ("：", ":"), ("（", "("), ("）", ")"), ("，", ","), ("％", "%"), ("．", "."),
)  # fmt: skip
"""Signs of a word processor and of a Chinese keyboard -> those of names and options."""
_DIGITS = re.compile(r"\.(\d{1,2})f")


@dataclass(frozen=True)
class NumberMark:
    """One number: which estimate, which of its fields, and how it is printed.

    Attributes:
        exhibit, column, term: the estimate.
        field: of ``shidian.estimates.ESTIMATE_COLUMNS``.
        stars: with the stars of the printed table.
        percent: times a hundred, with the sign.
        digits: decimals; None for those of the printed table.
    """

    exhibit: FinishedExhibit
    column: str
    term: str
    field: str = "estimate"
    stars: bool = False
    percent: bool = False
    digits: int | None = None


@dataclass(frozen=True)
class BlockMark:
    """A table or a figure in its place."""

    what: str
    exhibit: FinishedExhibit


def is_mark(text: str, study: FinishedStudy) -> bool:
    """Say whether braces are a mark of ours: two parts that name neither table, figure nor exhibit are the author's."""
    parts = _parts(text)
    known = [*BLOCKS, *study.exhibits, *study.lacking]
    return len(parts) > 2 or parts[0] in known or bool(nearest(parts[0], known))


def unclosed(text: str, study: FinishedStudy) -> Iterator[tuple[int, str]]:
    """Give offset and beginning of each mark that begins as one of ours and does not end on its line."""
    whole = {found.start() for found in MARK.finditer(text)}
    known = {*BLOCKS, *study.exhibits, *study.lacking}
    for found in _BEGUN.finditer(text):
        if found[1] in known and not any(at in whole for at in range(found.start() - 1, found.start() + 2)):
            yield found.start(), found[0].rstrip(":： ")


def read_mark(text: str, study: FinishedStudy) -> NumberMark | BlockMark:
    """Return what the text between the braces asks for.

    Raises:
        AuditError: exhibit, column or term that is not there, with the nearest that is; an option that is none.
    """
    parts = _parts(text)
    if parts[0] in BLOCKS and len(parts) == 2:
        return _block(parts[0], exhibit_of(parts[1], study))
    if len(parts) < 3:
        near = nearest(parts[0], [*BLOCKS, *study.exhibits])
        raise AuditError(
            say(
                "is neither table:EXHIBIT, figure:EXHIBIT nor EXHIBIT:COLUMN:TERM{near}",
                near=near if parts[0] not in study.exhibits else "",
            )
        )
    exhibit = exhibit_of(parts[0], study)
    parts = [part if _is_option(part) else option if _is_option(option := plain(part)) else part for part in parts]
    names, options = _split(exhibit, [part for part in parts[1:] if part])
    return _with_options(exhibit, names, options)


def exhibit_of(name: str, study: FinishedStudy) -> FinishedExhibit:
    """Return an exhibit of the study.

    Raises:
        AuditError: there is none of that name, or it has no result yet.
    """
    if name in study.lacking:
        raise AuditError(say("exhibit '{name}' has no result yet: run the study (make run)", name=name))
    if name not in study.exhibits:
        near = nearest(name, study.exhibits) or _list(study.exhibits)
        raise AuditError(say("the study has no exhibit '{name}'{near}", name=name, near=near))
    return study.exhibits[name]


def _block(what: str, exhibit: FinishedExhibit) -> BlockMark:
    if what == "table" and exhibit.result.table is None:
        raise AuditError(say("exhibit '{name}' is a figure and prints no table", name=exhibit.meta.id))
    if what == "figure" and ".png" not in exhibit.files:
        raise AuditError(say("exhibit '{name}' draws no figure", name=exhibit.meta.id))
    return BlockMark(what, exhibit)


def _split(exhibit: FinishedExhibit, parts: list[str]) -> tuple[tuple[str, str], list[str]]:
    """Return column and term, whose names may hold colons, and the options behind them."""
    estimates = exhibit.result.estimates
    known = {(plain(c), plain(t)): (c, t) for c, t in zip(estimates["column"], estimates["term"], strict=True)}
    for end in range(len(parts), 1, -1):
        if not all(map(_is_option, parts[end:])):
            break
        for at in range(1, end):
            names = (plain(":".join(parts[:at])), plain(":".join(parts[at:end])))
            if names in known:
                return known[names], parts[end:]
    raise AuditError(_gone(exhibit, parts, known))


def _gone(exhibit: FinishedExhibit, parts: list[str], known: dict[tuple[str, str], tuple[str, str]]) -> str:
    """Return which of column and term is not there."""
    own = [part for n, part in enumerate(parts) if n == 0 or not all(map(_is_option, parts[n:]))]
    columns = list(dict.fromkeys(column for column, _ in known.values()))
    spelt = {plain(column): column for column in columns}
    for at in range(len(own), 0, -1):
        column = spelt.get(plain(":".join(own[:at])))
        if column is None:
            continue
        terms = [term for c, term in known.values() if c == column]
        rest = parts[at:]
        if len(rest) > 1 and plain(rest[0]) in map(plain, terms):
            bad = next(part for part in rest[1:] if not _is_option(part))
            choices = "se, t, p, n, low, high, units, clusters, r2, within, stars, %, .3f"
            return say("'{bad}' is no option: {choices}", bad=bad, choices=choices)
        term = ":".join(own[at:]) or ":".join(rest)
        near = nearest(term, terms) or _list(terms)
        return say(
            "column '{column}' of exhibit '{exhibit}' has no term '{term}'{near}",
            column=column, exhibit=exhibit.meta.id, term=term, near=near,
        )  # fmt: skip
    near = nearest(parts[0], columns) or _list(columns)
    return say("exhibit '{exhibit}' has no column '{column}'{near}",
               exhibit=exhibit.meta.id, column=parts[0], near=near)  # fmt: skip


def _parts(text: str) -> list[str]:
    """Return what stands between the colons of a mark."""
    return [part.strip() for part in text.replace("：", ":").split(":")]


def _list(names: Iterable[str]) -> str:
    """Return the first of the names that there are, in brackets."""
    known = list(names)
    return say(" (it has {names})", names=known[:8]) if known else ""


def _with_options(exhibit: FinishedExhibit, names: tuple[str, str], options: list[str]) -> NumberMark:
    fields = [FIELDS[option] for option in options if option in FIELDS]
    digits = [int(found[1]) for option in options if (found := _DIGITS.fullmatch(option))]
    if len(fields) > 1 or len(digits) > 1:
        raise AuditError(say("asks for two numbers at once: {options}", options=options))
    field = fields[0] if fields else "estimate"
    percent, stars = any(o in PERCENT for o in options), any(o in STARS for o in options)
    if stars and field != "estimate":
        raise AuditError(say("stars belong to an estimate, not to its {field}", field=field))
    if percent and field in ("statistic", "p", "n_obs", "n_units", "n_clusters"):
        raise AuditError(say("a {field} is no percentage", field=field))
    return NumberMark(exhibit, *names, field, stars, percent, digits[0] if digits else None)


def _is_option(text: str) -> bool:
    return text in FIELDS or text in STARS or text in PERCENT or bool(_DIGITS.fullmatch(text))


def plain(text: str) -> str:
    """Return a name without what a word processor makes of it: dashes, quotes and blanks of other kinds."""
    for typeset, typed in _TYPESET:
        text = text.replace(typeset, typed)
    return re.sub(r" ?: ?", ":", " ".join(text.split()))
