"""One place makes the lines of the sample ledger (shidian.ledger)."""

import ast

import pandas as pd
from shidian.code_digests import PACKAGE, SCRIPTS
from shidian.ledger import LEDGER_COLUMNS, at_step, ledger_frame, ledger_row, ledger_row_of

ROWS = pd.DataFrame({"unit": ["a", "a", "b"], "year": [2001, 2002, 2001], "city": ["x", "y", "z"]})


def made_by_hand(code):
    """Line numbers of dictionaries and calls of dict that name a step of the ledger."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Dict):
            names = [key.value for key in node.keys if isinstance(key, ast.Constant)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            names = [word.arg for word in node.keywords]
        else:
            continue
        if "step" in names:
            yield node.lineno


def test_nobody_makes_a_line_by_hand():
    files = [p for folder in (PACKAGE, SCRIPTS) for p in folder.rglob("*.py") if p != PACKAGE / "ledger.py"]
    found = [f"{p}:{n}" for p in sorted(files) for n in made_by_hand(p.read_text(encoding="utf-8"))]
    assert found == [], "use shidian.ledger.ledger_row"


def test_a_line_made_by_hand_is_found():
    assert list(made_by_hand('line = {"step": "fill", **rest}')) == [1]
    assert list(made_by_hand('line = dict(step="fill")')) == [1]
    assert list(made_by_hand('line = ledger_row("fill", "gdp", "why")')) == []


def test_rows_are_counted_by_unit_in_a_column_or_the_index():
    line = ledger_row("fill", "gdp", "why", units=2, rows=3)
    assert ledger_row_of(ROWS, "fill", "gdp", "why") == line
    assert ledger_row_of(ROWS.set_index(["unit", "year"]), "fill", "gdp", "why") == line
    assert ledger_row_of(ROWS, "fill", "gdp", "why", unit="city") == {**line, "units": 3}
    assert ledger_row_of(ROWS[:0], "fill", "gdp", "why") == {**line, "units": 0, "rows": 0}


def test_lines_go_under_another_step_and_stay_as_they_were():
    lines = [ledger_row("efficiency", "score", "why", rows=3)]
    assert at_step("efficiency gie 2002", lines) == [ledger_row("efficiency gie 2002", "score", "why", rows=3)]
    assert lines[0]["step"] == "efficiency"


def test_the_frame_has_its_columns_and_types_when_it_is_empty_too():
    for rows in ([], [ledger_row("fill", "gdp", "why", rows=3)]):
        frame = ledger_frame(rows)
        assert tuple(frame.columns) == LEDGER_COLUMNS
        assert [frame[name].dtype.kind for name in ("units", "rows")] == ["i", "i"]
