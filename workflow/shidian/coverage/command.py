"""``shidian coverage``: what the panel of a finished study has, and what was lost on the way to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from shidian.checking.page import Section, page
from shidian.coverage import sections as say_of
from shidian.coverage.sections import Asked
from shidian.errors import PanelError, UsageError, nearest
from shidian.messages.frames import read_messages
from shidian.messages.periods import Dated
from shidian.study.model import LEFT_OUT, PANEL_KEYS, SIMULATED, Study
from shidian.written import changed_below, refuse

VALUES = ("unit", "year", "source_id", "indicator", "value")
"""Columns of the raw values that are counted."""
LEDGERS = ("panel_ledger.csv", "indicators_ledger.csv")


def require_study(root: Path, name: str) -> None:
    """Check that there is a study of a name.

    Raises:
        UsageError: there is none.
    """
    there = [path.stem for path in (root / "config" / "studies").glob("*.yaml")]
    if name not in there:
        raise UsageError(f"there is no config/studies/{name}.yaml{nearest(name, there)}")


def coverage(study: Study, results: Path, translated: Callable[[str], str], *, every: bool = False) -> str:
    """Return the report on the coverage of a finished study.

    Args:
        study: the study.
        results: folder of the results.
        translated: gives a message in the language of the reader.
        every: show all lines of every section.

    Raises:
        PanelError: the study has not run.
        WrittenError: a result of the study is not what its job wrote.
    """
    folder = results / study.study
    refuse(changed_below(folder))
    asked = asked_of(study, pd.read_parquet(_there(folder / "panel.parquet", study.study)))
    long = pd.read_parquet(_there(folder / "panel_long.parquet", study.study), columns=list(VALUES))
    ledger = pd.concat([_ledger(_there(folder / name, study.study)) for name in LEDGERS], ignore_index=True)
    parts: list[Section | None] = [
        say_of.span_section(asked),
        say_of.share_section(asked, translated(say_of.ROW)),
        say_of.lacking_section(asked, every=every),
        say_of.complete_section(asked),
        say_of.beyond_section(asked, long, every=every),
        say_of.ledger_section(ledger, every=every),
    ]
    period = study.panel.period
    words = Dated(period, study.panel.first_year, study.panel.last_year)
    return page(
        [part for part in parts if part],
        translated if period.is_plain else lambda text: translated(words.text(text)),
    )


def asked_of(study: Study, panel: pd.DataFrame) -> Asked:
    """Return the panel of a study with its variables, its main specification and its declared periods.

    Raises:
        PanelError: the panel lacks a variable of the study.
    """
    spec = study.panel
    names = tuple(str(name) for name in panel.columns if name not in (*PANEL_KEYS, SIMULATED, LEFT_OUT))
    for variable in spec.variables:
        if variable.name not in names:
            raise PanelError(
                f"results/{study.study}/panel.parquet has no variable '{variable.name}': the study file has changed "
                "since it was made; `make run` makes it again"
            )
    main = next((e for e in study.exhibits if e.get("outcome")), {})
    asked = [main.get("outcome"), study.regressor, *main.get("controls", [])] if main else []
    periods = tuple(range(spec.first_year, spec.last_year + 1))
    chosen = tuple(dict.fromkeys(str(name) for name in asked if name in names))
    return Asked(panel, names, chosen, periods, spec.period, spec.individuals)


def _ledger(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, keep_default_na=False)
    read_messages(frame)
    return frame


def _there(path: Path, study: str) -> Path:
    if not path.exists():
        raise PanelError(
            f"{path} is not there: run the study first (`snakemake --cores N results/{study}/report.html`)"
        )
    return path
