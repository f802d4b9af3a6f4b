"""What a hurried or hostile hand does to a text, drawn by hypothesis so that failures shrink."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import strategies as st
from shidian.study.formula_functions import FUNCTIONS

VALUES = (
    "010", "1:30", "0b11", "0x1F", "yes", "no", "~", "''", "[]", "{}", "-1", "0", "1e5", "1.5", "1e999", ".nan",
    "-.inf", "9" * 20, "9" * 400, "true", "2010-07-19", "!!int abc", "!!binary abc", "!!python/object:os.system x",
    "*none", "&a [*a]", "'=cmd|x'", '"\\x07"', '"\\ud800"', '"a\\nb"', "{a: {b: c}}", "[[[[[[]]]]]]", "? [a, b]",
    "../../x", "/etc/passwd", "package:antigravity.x/y", "x_{1..999999999}.csv", "{1..3000}{1..3000}{1..3000}",
    "x" * 300, "x" * 1200, "ln_wage", "did", "unit", "year", "my_panel.on", "ln(x", "lag(wage_yuan, 1.5)",
    "wage_yuan / 0", "'cumulate(wage_yuan) + group_mean(wage_yuan, unit, leave_out)'",
    "'perpetual_inventory(wage_yuan, 0.1, initial: ratio)'", "((((((1))))))", "(a+)+$", "_estimates",
    "[-1000000000, 1000000000]", "999.0", "\u200b",
    "\u3000", "年", "1_000", "<<", "=", "- - - x", "|", ">", "%", "@x", "`x", "null",
)  # fmt: skip
"""What is put in the place of a value."""


def _value(lines: list[str], at: int, text: str) -> list[str]:
    head, colon, _ = lines[at].rpartition(": ")
    return [*lines[:at], head + colon + text, *lines[at + 1 :]]


def _key(lines: list[str], at: int, text: str) -> list[str]:
    return [*lines[:at], re.sub(r"[\w.]+(?=:)", lambda _: text, lines[at], count=1), *lines[at + 1 :]]


def _insert(lines: list[str], at: int, text: str) -> list[str]:
    indent = len(lines[at]) - len(lines[at].lstrip())
    return [*lines[:at], " " * indent + text, *lines[at:]]


def _nest(lines: list[str], at: int, text: str) -> list[str]:
    return [*lines[:at], "  " + lines[at], *lines[at + 1 :]]


def _drop(lines: list[str], at: int, text: str) -> list[str]:
    return [*lines[:at], *lines[at + 1 :]]


def _twice(lines: list[str], at: int, text: str) -> list[str]:
    return [*lines[: at + 1], *lines[at:]]


def _inside(lines: list[str], at: int, text: str) -> list[str]:
    middle = len(lines[at]) // 2
    return [*lines[:at], lines[at][:middle] + text + lines[at][middle:], *lines[at + 1 :]]


WAYS: tuple[Callable[[list[str], int, str], list[str]], ...] = (
    _value, _value, _value, _key, _insert, _nest, _drop, _twice, _inside,
)  # fmt: skip


def mutated(base: str) -> st.SearchStrategy[str]:
    """Draw a text with one to three lines of it changed."""
    lines = base.splitlines()
    text = st.sampled_from(VALUES) | st.text(max_size=8)
    step = st.tuples(st.sampled_from(range(len(WAYS))), st.integers(0, 10_000), text)

    def apply(steps: list[tuple[int, int, str]]) -> str:
        changed = lines
        for way, at, new in steps:
            changed = WAYS[way](changed, at % len(changed), new) if changed else changed
        return "\n".join(changed) + "\n"

    return st.lists(step, min_size=1, max_size=3).map(apply)


def formulas() -> st.SearchStrategy[str]:
    """Draw formulas, most of them readable: a little of everything in the grammar, and some of nothing in it."""
    leaf = st.sampled_from(
        ["wage_yuan", "people_wan", "year", "ln_wage", "on", "1", "0", "100", "1e4", "1e999", "1e-320", "'x'", ""]
    )

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        signs = st.sampled_from([" + ", " - ", "*", "/", "^", " == ", " < ", ",", " "])
        calls = st.sampled_from([*FUNCTIONS, "nosuch"])
        options = st.sampled_from(
            [
                "",
                ", 1",
                ", 1.5",
                ", 0",
                ", 1e300",
                ", 2003",
                ", '元'",
                ", '万元/人'",
                ", 'x^99'",
                ", 1, 2",
                ", year",
                ", [unit, year]",
                ", on, leave_out",
                ", 4, year",
                ", 0.1, initial: growth",
                ", on, initial: ratio",
                ", people_wan, 2003",
                ", on, 2003, wage_yuan, chained: 100",
                ", years: 1",
                ", people_wan",
                ", [1, 2]",
                ", on, people_wan",
            ]
        )
        return (
            st.tuples(inner, signs, inner).map("".join)
            | st.tuples(calls, inner, options).map(lambda p: f"{p[0]}({p[1]}{p[2]})")
            | inner.map(lambda text: f"({text})")
            | inner.map(lambda text: f"-{text}")
            | st.tuples(inner, st.sampled_from(["2", "-1", "0.5", "1e308", "400", "-1e300"])).map(
                lambda p: f"{p[0]}^{p[1]}"
            )
        )

    long = st.tuples(st.sampled_from(["(", "-", "ln(", "1+", "wage_yuan*2*"]), st.integers(1, 600)).map(
        lambda p: p[0] * p[1] + "1"
    )
    return st.recursive(leaf, more, max_leaves=12) | long | st.text(max_size=20)


CELLS = (
    '<c r="D4"><v>1e999</v></c>', '<c r="D4"><v>NaN</v></c>', '<c r="D4"><f>A1</f></c>',
    '<c r="D4"><f>A1</f><v>0</v></c>', '<c r="D4" t="e"><v>#N/A</v></c>', '<c r="D4" t="b"><v>1</v></c>',
    '<c r="D4" t="str"><v>1,234</v></c>', "<c/>", "<c><v>5</v></c>", '<c r="D3"><v>1</v></c>',
    '<c r="XFD1048576"><v>1</v></c>', '<c r="ZZZZZZ3"><v>1</v></c>', '<c r="A99999999999"><v>1</v></c>',
    '<c r=""><v>1</v></c>', '<c r="d4"><v>1</v></c>', '<c r="D4" t="s"><v>99999</v></c>',
    '<c r="D4" t="s"><v>-1</v></c>', '<c r="D4" t="inlineStr"><is><t>7</t></is></c>',
    '<c r="D4" s="99999"><v>7</v></c>', '<c r="D4" t="d"><v>2010-01-01</v></c>',
    '<row r="0"><c r="A0"><v>1</v></c></row>', '<row r="-1"/>', '<mergeCell ref="A1:XFD1048576"/>', "&bomb;",
    "<!--", "]]>", "\x00",
)  # fmt: skip
"""What is put into the XML of a sheet."""
