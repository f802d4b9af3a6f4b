"""Run the R scripts of a replication package and compare what they find with the study's own numbers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd

from shidian.audit.replication.package import write_replication
from shidian.errors import ShidianError
from shidian.study.plan import Plan

COEFFICIENT, ERROR = 1e-7, 1e-6
"""Largest relative difference allowed. That of a coefficient is relative to it or to its standard error, whichever is
larger: a coefficient near zero has no digits of its own."""

KEYS = ["exhibit", "column", "term"]


class ReplicationError(ShidianError):
    """R is not there, or one of the scripts stopped."""


def check_study(plan: Plan, study: str, results: Path) -> str:
    """Write a study's replication package to ``results/audit_r/<study>``, run it in R and return the table.

    The table goes to ``comparison.csv`` in that folder, too.

    Raises:
        ReplicationError: R is not there, a script stopped, or a number differs; the table is in its text.
    """
    folder = results / "audit_r" / study
    write_replication(plan, study, results, folder)
    run_r(folder)
    table = compare(folder)
    table.to_csv(folder / "comparison.csv", index=False, lineterminator="\n")
    text = summary(study, table)
    differing = int((~table["agrees"].astype(bool)).sum())
    if differing:
        raise ReplicationError(
            f"{text}\n{differing} of {len(table)} terms differ from R by more than {COEFFICIENT:g} (coefficient) or "
            f"{ERROR:g} (standard error): see {folder / 'comparison.csv'}"
        )
    return f"{text}\n  all {len(table)} terms agree"


def run_r(folder: Path, rscript: str | None = None) -> None:
    """Run every R script of a package, in the order of their names.

    Raises:
        ReplicationError: no Rscript on this machine, or a script that stopped, with what it printed.
    """
    program = rscript or shutil.which("Rscript")
    if program is None:
        raise ReplicationError(
            "no Rscript on this machine; on Debian: apt-get install r-base-core r-cran-sandwich r-cran-aer"
        )
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    for script in sorted((folder / "r").glob("*.R")):
        if script.name == "estimate.R":
            continue
        done = subprocess.run(
            [program, "--vanilla", f"r/{script.name}"], cwd=folder, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise ReplicationError(f"{script}: R stopped: {done.stderr.strip()[-2000:]}")


def compare(folder: Path) -> pd.DataFrame:
    """Return one line a term: the study's numbers, R's, their relative differences, and whether they agree.

    Columns: exhibit, column, term, estimate, estimate_r, se, se_r, n_obs, n_obs_r, ssc, vcov, gap_estimate, gap_se,
    agrees. A term that the study could not estimate agrees where R has no number either; of one without a standard
    error the estimate alone is compared.

    Raises:
        ReplicationError: an exhibit without R's results.
    """
    want = pd.read_csv(folder / "expected.csv", dtype={"column": str, "term": str, "exhibit": str})
    parts = []
    for exhibit in want["exhibit"].unique():
        path = folder / "r" / "results" / f"{exhibit}.csv"
        if not path.exists():
            raise ReplicationError(f"{path} is not there: R has not run")
        parts.append(pd.read_csv(path, dtype={"column": str, "term": str, "exhibit": str}))
    if not parts:
        return pd.DataFrame(columns=[*KEYS, "agrees"])
    both = want.merge(pd.concat(parts, ignore_index=True), on=KEYS, how="outer", suffixes=("", "_r"), indicator=True)
    scale = np.fmax(both["estimate"].abs(), both["se"].abs())
    both["gap_estimate"] = (both["estimate"] - both["estimate_r"]).abs() / scale
    both["gap_se"] = (both["se"] - both["se_r"]).abs() / both["se"]
    errors = (both["gap_se"] <= ERROR) | both["se"].isna()
    close = (both["gap_estimate"] <= COEFFICIENT) & errors & (both["n_obs"] == both["n_obs_r"])
    neither = both["estimate"].isna() & both["estimate_r"].isna()
    return both.assign(agrees=(close | neither) & (both["_merge"] == "both")).drop(columns="_merge")


def summary(study: str, table: pd.DataFrame) -> str:
    """Return the printed table: a line a column, with the largest differences and the convention."""
    lines = [f"{study}: {'column':<44}{'terms':>6}{'N':>8}  {'coefficient':>11}  {'std. error':>10}  convention"]
    for (exhibit, column), rows in table.groupby(["exhibit", "column"], sort=False):
        known = rows[rows["estimate"].notna()]
        bad = rows[~rows["agrees"]]
        words = f"{known['ssc'].iloc[0]}, {known['vcov'].iloc[0]}" if len(known) else ""
        n_obs = f"{int(known['n_obs'].iloc[0]):,}" if len(known) else "-"
        verdict = "" if bad.empty else f"  DIFFERS: {', '.join(bad['term'])}"
        lines.append(
            f"  {f'{exhibit} {column}':<{len(study) + 44}}{len(rows):>6}{n_obs:>8}"
            f"  {known['gap_estimate'].max():>11.1e}  {known['gap_se'].max():>10.1e}  {words}{verdict}"
        )
    return "\n".join(lines)
