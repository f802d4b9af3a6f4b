"""Plant faults in the numeric code and report those that no test finds: ``python -m tests.mutants`` (make mutants).

A survivor is a hole in the tests or, reviewed in ``equivalent.yaml`` with its reason, no fault at all. The faults of
``named.yaml`` are planted always; beside them ``--number`` lines are taken by digest.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.mutants.operators import Mutant, mutant
from tests.mutants.reach import read
from tests.mutants.selection import PACKAGES, ROOT, chosen, every_mutant, package_of, where_tested
from tests.mutants.trial import Scratch, Trial

HERE = Path(__file__).resolve().parent
NUMBER, SEED = 200, 1


def listed(name: str) -> list[dict[str, Any]]:
    """Return the entries of a list of faults: ``file``, ``text`` of the line, how it ``reads``, and why it is there."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8")) or []


def named_mutants(entries: Iterable[Mapping[str, Any]]) -> list[Mutant]:
    """Return the faults that are planted always.

    Raises:
        ValueError: a line that its file has not, or not once.
    """
    found = []
    for entry in entries:
        source = (ROOT / entry["file"]).read_bytes()
        text = entry["text"].encode()
        if source.count(text) != 1:
            raise ValueError(f"{entry['file']} has {source.count(text)} times: {entry['text']}")
        at = source.index(text)
        found.append(mutant(entry["file"], source, at, at + len(text), entry["reads"]))
    return found


def equivalent(planted: Mutant, entries: Iterable[Mapping[str, Any]]) -> str:
    """Return why a fault changes no number that is printed, empty where nobody has said so."""
    same = (e for e in entries if (e["file"], e["reads"]) == (planted.file, planted.reads))
    return next((str(entry["why"]) for entry in same), "")


def report(trial: Trial, why: str) -> str:
    """Return the lines of a trial: outcome, seconds, place; unless it was killed, the line before and after too."""
    m, outcome = trial.mutant, trial.outcome
    said = "equivalent" if outcome == "survived" and why else outcome if outcome == "killed" else outcome.upper()
    text = f"{said:10} {trial.seconds:5.1f} s  {m.file}:{m.line}"
    if outcome == "killed":
        return text
    return f"{text}\n    {m.text}\n -> {m.reads}" + (f"\n    ({why})" if why else "")


def main() -> int:
    """Run the trials and return 1 where a fault survived that nobody has reviewed."""
    asked = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    asked.add_argument("--number", type=int, default=NUMBER, help="lines to plant a fault in, beside the named ones")
    asked.add_argument("--seed", type=int, default=SEED, help="another seed takes other lines")
    asked.add_argument("--package", action="append", choices=PACKAGES, help="only this package (may be repeated)")
    asked.add_argument("--file", help="only files whose path holds this text")
    asked.add_argument("--reach", type=Path, help="folder that keeps what the tests run, to take it from there again")
    asked.add_argument("--budget", type=float, default=120, help="seconds that the tests of one fault may take")
    options = asked.parse_args()
    packages = options.package or PACKAGES
    reviewed = listed("equivalent.yaml")
    named = [m for m in named_mutants(listed("named.yaml")) if package_of(m.file) in packages]
    drawn = chosen(every_mutant(ROOT, packages), options.number, options.seed)
    mutants = [m for m in [*named, *drawn] if not options.file or options.file in m.file]
    open_ones, start = [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Scratch(Path(folder))
        reached = {}
        for package in dict.fromkeys(package_of(m.file) for m in mutants):
            noted = (options.reach or Path(folder)).resolve() / f"reach_{package}.json"
            if not noted.exists():
                scratch.passes(where_tested(package), noted)
            reached[package] = read(noted, options.budget)
        for planted in mutants:
            why = equivalent(planted, reviewed)
            trial = scratch.attempt(planted, reached[package_of(planted.file)])
            print(report(trial, why), flush=True)
            if trial.outcome == "survived" and not why:
                open_ones.append(trial)
    print(f"{len(mutants)} faults in {time.monotonic() - start:.0f} s, {len(open_ones)} survived and are not reviewed")
    for trial in open_ones:
        print(report(trial, ""))
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
