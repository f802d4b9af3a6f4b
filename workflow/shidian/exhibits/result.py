"""What every exhibit returns, and how it is stored between estimating and rendering.

``ExhibitResult`` is written as JSON whose bytes depend on its content alone, so that the same inputs give the
same file. Rendering (CSV, LaTeX, Word, Excel, PNG, PDF, HTML) reads it and never estimates.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from shidian.crossed import is_product
from shidian.estimates import ESTIMATE_COLUMNS, normalise
from shidian.exhibits.crossed import product_label
from shidian.ledger import ledger_frame
from shidian.messages import Words, behind, read_behind, say
from shidian.used import Used, decoded, encoded


@dataclass(frozen=True)
class StudyInfo:
    """What an exhibit must know of its study beyond its own specification.

    Attributes:
        study: id of the study.
        unit_label: what a unit is, for notes ("city", "state").
        treatment: name of the 0/1 treatment column of the panel; without a policy, the regressor of interest.
        labels: variable name -> label as printed; of several variables with one label each has its name behind it.
        policy: what the policy is called; "" without one.
        simulated: True when any source of the study is simulated; every note then says SIMULATED.
        seed: the study's seed.
        scores: variables among those the exhibit names that are efficiency scores, estimated from the panel.
        lacking_best: those of ``scores`` that units on the frontier may lack (oriented super-efficiency) -> the
            model's ``variables``, ``years`` and ``returns``.
        period: what a period of the panel is (``shidian.period.Period``), empty for years.
        assigned_by: what the treatment is assigned by where units lie in larger ones (firms in cities), "" where it is
            assigned unit by unit.
        assigned_column: the panel's column that holds it, "" where there is none.
        individuals: whether each unit has one row and is not followed over time.
        treatment_kind: "switching" or "continuous" of a treatment that has no years of adoption, else "".
        measures: of an exhibit that shows levels: variable name -> its unit of measure, where it has one.
    """

    study: str
    unit_label: str
    treatment: str
    labels: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False
    seed: int = 0
    scores: Sequence[str] = ()
    policy: str = ""
    lacking_best: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    period: Mapping[str, Any] = field(default_factory=dict)
    assigned_by: str = ""
    assigned_column: str = ""
    individuals: bool = False
    treatment_kind: str = ""
    measures: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", told_apart(self.labels))

    def label(self, name: str) -> str:
        """Return the printed label of a variable, its own name when it has none."""
        if name in self.labels or not is_product(name):
            return self.labels.get(name, name)
        return product_label(name, self.of_effects)

    def measured(self, name: str) -> str:
        """Return the printed label of a variable with its unit of measure, as axes and legends say it."""
        label, measure = self.label(name), self.measures.get(name, "")
        return say("{label} ({measure})", label=label, measure=measure) if measure and measure not in label else label

    @property
    def of_effects(self) -> EffectLabels:
        """The names that effects and clusters are printed by: ``unit`` by the unit's own word, ``year`` as year."""
        return EffectLabels(self)


YEAR = say("year")
"""What a fixed effect or cluster variable of years is called."""


@dataclass(frozen=True)
class EffectLabels:
    """The printed names of effects, clusters and parts of products."""

    info: StudyInfo

    def label(self, name: str) -> str:
        """Return the printed name."""
        if name == "year" and name not in self.info.labels:
            return YEAR
        return self.info.unit_label if name == "unit" else self.info.label(name)


def told_apart(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels with the variable's name behind each that several variables share: "GDP (gdp_real)"."""
    shared = {label for label, n in Counter(labels.values()).items() if n > 1}
    return {name: f"{label} ({name})" if label in shared and label != name else label for name, label in labels.items()}


@dataclass(frozen=True)
class Cell:
    """One printed cell. ``ref`` = (column, term, field) of the estimate it prints, so a number can be traced."""

    text: str
    ref: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Row:
    """One printed row: its label and one cell a column. ``rule_above`` draws a line before it."""

    label: str
    cells: tuple[Cell, ...]
    rule_above: bool = False


@dataclass(frozen=True)
class Table:
    """A printed table.

    ``header`` holds one or more rows of (text, number of columns spanned); each row spans the stub and all
    columns, the stub first. ``rows`` all have as many cells as there are columns beside the stub.
    """

    header: tuple[tuple[tuple[str, int], ...], ...]
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        widths = {sum(span for _, span in line) for line in self.header}
        widths |= {1 + len(row.cells) for row in self.rows}
        if len(widths) != 1:
            raise ValueError(f"rows of a table differ in width: {sorted(widths)}")


@dataclass(frozen=True)
class Figure:
    """Data behind a figure: its ``kind`` names the function that draws it, ``data`` its tidy frames."""

    kind: str
    data: Mapping[str, pd.DataFrame]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ExhibitResult:
    """Everything that one exhibit found: numbers, printed table, figure data, notes, ledger, warnings.

    Attributes:
        estimates: rows of the long schema (``shidian.estimates``), possibly empty.
        table: the printed table, or None for an exhibit that is only a figure.
        figure: data of the figure, or None.
        notes: sentences of the exhibit's note: sample, fixed effects, errors, clusters, singletons, seed.
        ledger: rows of the sample ledger.
        warnings: what a referee would object to.
        used: column of the estimates -> what its numbers used: rows, variables by role, convention, seed.
        messages: text of the exhibit -> the message behind it, for reports in another language; a result that was
            just estimated needs none, since its process knows them.
    """

    estimates: pd.DataFrame
    table: Table | None = None
    figure: Figure | None = None
    notes: tuple[str, ...] = ()
    ledger: pd.DataFrame = field(default_factory=lambda: ledger_frame([]))
    warnings: tuple[str, ...] = ()
    used: Mapping[str, Used] = field(default_factory=dict)
    messages: Mapping[str, Words] = field(default_factory=dict, compare=False)

    def to_json(self) -> str:
        """Return the result as JSON, the same bytes for the same content."""
        figure = self.figure and {
            "kind": self.figure.kind,
            "data": {name: _frame_to_dict(frame) for name, frame in self.figure.data.items()},
            "options": dict(self.figure.options),
        }
        content = {
            "estimates": _frame_to_dict(self.estimates), "table": self.table and asdict(self.table), "figure": figure,
            "notes": list(self.notes), "ledger": _frame_to_dict(self.ledger), "warnings": list(self.warnings),
        }  # fmt: skip
        words = [text for one in self.used.values() for text in (one.words, one.counts)]
        content["messages"] = behind([*_texts(content), *words]) | {
            text: words.encoded() for text, words in self.messages.items()
        }
        content["used"] = encoded(self.used)
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=_plain) + "\n"

    @staticmethod
    def from_json(text: str) -> ExhibitResult:
        """Read a result back; ``ExhibitResult.from_json(r.to_json())`` holds the same numbers to the last bit."""
        content = json.loads(text)
        figure = content["figure"]
        return ExhibitResult(
            estimates=normalise(_frame_from_dict(content["estimates"])),
            table=content["table"] and _table_from_dict(content["table"]),
            figure=figure
            and Figure(
                figure["kind"],
                {name: _frame_from_dict(frame) for name, frame in figure["data"].items()},
                figure["options"],
            ),
            notes=tuple(content["notes"]),
            ledger=ledger_frame(_frame_from_dict(content["ledger"]).to_dict("records")),
            warnings=tuple(content["warnings"]),
            used=decoded(content.get("used", NOTHING_USED)),
            messages=read_behind(content.get("messages", {})),
        )


NOTHING_USED: Mapping[str, Any] = {"samples": [], "columns": []}
"""What result files of before 0.1.0 said; ``shidian diff`` reads them still."""


def no_estimates() -> pd.DataFrame:
    """Return an empty frame of the long schema, for exhibits that estimate nothing."""
    return normalise(pd.DataFrame(columns=list(ESTIMATE_COLUMNS)))


def _texts(content: Any) -> Iterator[str]:
    """Give every text that stands somewhere in a result."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _texts(value)


def _frame_to_dict(frame: pd.DataFrame) -> dict[str, Any]:
    columns = {str(name): [_plain(v) for v in frame[name].tolist()] for name in frame.columns}
    return {"columns": list(columns), "values": columns}


def _frame_from_dict(content: dict[str, Any]) -> pd.DataFrame:
    values = {n: _column([_number(v) for v in content["values"][n]]) for n in content["columns"]}
    return pd.DataFrame(values, columns=content["columns"])


def _column(values: list[Any]) -> Any:
    """Keep integers with gaps integers: pandas alone would make 2006 a 2006.0."""
    present = {type(v) for v in values} - {type(None)}
    return pd.array(values, dtype="Int64") if present == {int} and None in values else values


def _plain(value: Any) -> Any:
    """Turn NumPy scalars, missing values and infinities into what JSON can hold."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value


def _number(value: Any) -> Any:
    return float(value) if value in ("inf", "-inf") else value


def _table_from_dict(content: dict[str, Any]) -> Table:
    header = tuple(tuple((text, span) for text, span in line) for line in content["header"])
    rows = tuple(
        Row(
            row["label"],
            tuple(Cell(c["text"], tuple(c["ref"]) if c["ref"] else None) for c in row["cells"]),
            row["rule_above"],
        )
        for row in content["rows"]
    )
    return Table(header, rows)


def read_result(path: str) -> ExhibitResult:
    """Read an exhibit's result file."""
    with open(path, encoding="utf-8") as file:
        return ExhibitResult.from_json(file.read())
