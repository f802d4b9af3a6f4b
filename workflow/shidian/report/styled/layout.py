"""Which parts of a table stand, in which order, under which headings: the foot of a style, ``layout`` of an exhibit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shidian.errors import ReportError, nearest
from shidian.exhibits.result import Row, Table
from shidian.report.styled.rows import Part

Line = tuple[tuple[str, int], ...]


def chosen(found: Sequence[Part], layout: Mapping[str, Any], exhibit: str) -> list[Part]:
    """Return the parts that ``keep`` and ``drop`` leave, in ``order``; a heading that nothing is left under goes.

    Raises:
        ReportError: a pattern that no row has, patterns that leave no row.
    """
    _refuse_unknown(found, layout, exhibit)
    keep, drop = layout.get("keep", ()), layout.get("drop", ())
    left = _with_rules(found, [
        part.what == "heading" or ((part.is_foot or not keep or _is_named(part, keep)) and not _is_named(part, drop))
        for part in found
    ])  # fmt: skip
    if not any(part.what != "heading" for part in left):
        raise ReportError(f"exhibit '{exhibit}': at 'layout': its patterns leave no row of the table; drop fewer")
    groups = [_ordered(group, layout.get("order", ())) for group in segments(left)]
    empty = {part.rows for group in segments(found) if len(group) == 1 for part in group}
    return [
        part
        for group in groups
        for part in group
        if part.what != "heading" or len(group) > 1 or part.rows in empty or not (keep or drop)
    ]


def with_foot(found: Sequence[Part], foot: Sequence[str]) -> list[Part]:
    """Return the parts with the rows at the foot of each segment as a style has them: chosen, and in its order."""
    done: list[Part] = []
    for group in segments(found):
        first = next((n for n, part in enumerate(group) if part.is_foot), len(group))
        if first == len(group):
            done += group
            continue
        named = foot if "other" in foot else ("other", *foot)
        rows = [part for name in named for part in group[first:] if _place(part) == name]
        rule = any(part.rows[0].rule_above for part in group[first:])
        plain = [_ruled(part, False) for part in rows]
        done += [*group[:first], *([_ruled(plain[0], rule), *plain[1:]] if plain else [])]
    return done


def _place(part: Part) -> str:
    return part.what if part.is_foot else "other"


def segments(found: Sequence[Part]) -> list[list[Part]]:
    """Return the parts in runs that begin with a heading."""
    runs: list[list[Part]] = []
    for part in found:
        if part.what == "heading" or not runs:
            runs.append([])
        runs[-1].append(part)
    return runs


def _ruled(part: Part, rule: bool) -> Part:
    first, *others = part.rows
    return replace(part, rows=(Row(first.label, first.cells, rule), *others))


def _with_rules(found: Sequence[Part], stands: Sequence[bool]) -> list[Part]:
    """Return the parts that stand; the rule above one that does not comes down to the next."""
    left: list[Part] = []
    rule = False
    for part, stay in zip(found, stands, strict=True):
        rule = part.rows[0].rule_above or (rule and part.what != "heading")
        if stay:
            left.append(_ruled(part, rule) if rule != part.rows[0].rule_above else part)
            rule = False
    return left


def _ordered(group: list[Part], patterns: Sequence[str]) -> list[Part]:
    """Return a segment with the rows that patterns name first, in their order; headings and the foot stay."""
    movable = [part for part in group if part.what not in ("heading",) and not part.is_foot]
    rank = {id(part): _rank(part, patterns) for part in movable}
    turned = iter(sorted(movable, key=lambda part: rank[id(part)]))
    return [next(turned) if id(part) in rank else part for part in group]


def _rank(part: Part, patterns: Sequence[str]) -> int:
    return next((n for n, pattern in enumerate(patterns) if _is_named(part, (pattern,))), len(patterns))


def _is_named(part: Part, patterns: Iterable[str]) -> bool:
    names = (part.rows[0].label, *part.terms)
    return any(re.search(pattern, name) for pattern in patterns for name in names)


def _refuse_unknown(found: Sequence[Part], layout: Mapping[str, Any], exhibit: str) -> None:
    labels = [part.rows[0].label for part in found if part.what != "heading"]
    for key in ("keep", "drop", "order"):
        for pattern in layout.get(key, ()):
            if not any(_is_named(part, (pattern,)) for part in found if part.what != "heading"):
                raise ReportError(
                    f"exhibit '{exhibit}': at 'layout.{key}': no row of its table has '{pattern}'"
                    f"{nearest(pattern, labels)}; its rows are {', '.join(dict.fromkeys(filter(None, labels)))}"
                )


def spanned(table: Table, levels: Sequence[Mapping[str, Sequence[str]]], exhibit: str) -> Table:
    """Return a table with headings over its columns, the first level on top.

    Raises:
        ReportError: a column that is not there, columns that do not stand side by side, one under two headings.
    """
    lines = [_level(table, level, exhibit) for level in levels]
    return Table((*lines, *table.header), table.rows)


def _level(table: Table, level: Mapping[str, Sequence[str]], exhibit: str) -> Line:
    names = _column_names(table)
    over: dict[int, str] = {}
    for text, columns in level.items():
        places = [_column(names, column, text, exhibit) for column in columns]
        if sorted(places) != list(range(min(places), min(places) + len(places))):
            raise ReportError(
                f"exhibit '{exhibit}': at 'layout.spanners': the columns {', '.join(columns)} under '{text}' do not "
                "stand side by side"
            )
        if taken := [over[place] for place in places if place in over]:
            raise ReportError(
                f"exhibit '{exhibit}': at 'layout.spanners': a column stands under '{taken[0]}' and '{text}' of one "
                "level"
            )
        over |= dict.fromkeys(places, text)
    line: list[tuple[str, int]] = [("", 1)]
    for place in range(len(names)):
        text = over.get(place, "")
        if place and text and over.get(place - 1) == text:
            line[-1] = (text, line[-1][1] + 1)
        else:
            line.append((text, 1))
    return tuple(line)


def _column_names(table: Table) -> list[set[str]]:
    """Return what each column may be called: its own headings, and the columns of the estimates that it prints."""
    width = sum(span for _, span in table.header[0]) - 1
    names: list[set[str]] = [set() for _ in range(width)]
    for line in table.header:
        at = -1
        for text, span in line:
            if span == 1 and at >= 0 and text:
                names[at].add(text)
            at += span
    for row in table.rows:
        for place, cell in enumerate(row.cells):
            names[place] |= {cell.ref[0]} if cell.ref else set()
    return names


def _column(names: Sequence[set[str]], column: str, text: str, exhibit: str) -> int:
    found = [place for place, known in enumerate(names) if column in known]
    if len(found) != 1:
        listed = [name for known in names for name in sorted(known)]
        why = "is no column of its table" if not found else "names several columns of its table"
        raise ReportError(
            f"exhibit '{exhibit}': at 'layout.spanners': '{column}' under '{text}' {why}"
            f"{nearest(column, listed) if not found else ''}; name columns by their headings: "
            f"{', '.join(dict.fromkeys(listed))}"
        )
    return found[0]
