"""A finished study as a manuscript takes it: results in the words of its report, and the files printed of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shidian.audit.verify.printed_tables import wrong_numbers
from shidian.errors import AuditError, ShidianError
from shidian.exhibits.result import ExhibitResult, read_result
from shidian.messages import say
from shidian.report.study_report import ExhibitMeta
from shidian.report.styled.apply import as_printed
from shidian.run_status import dry_run, stale_jobs
from shidian.study.extensions import use_extensions
from shidian.study.paths import printed_files, result_folder
from shidian.study.plan import Plan
from shidian.study.read import read_study
from shidian.written import changed_below, refuse

SIMULATED = "SIMULATED"
"""What everything that leaves a simulated study says."""


@dataclass(frozen=True)
class FinishedExhibit:
    """An exhibit that was estimated.

    Attributes:
        meta: id, number and title, as printed.
        result: what it found, in the language of the report.
        files: ending (".tex", ".docx", ".png") -> the file that was printed of it.
    """

    meta: ExhibitMeta
    result: ExhibitResult
    files: Mapping[str, Path]

    def printed(self, ending: str) -> bytes:
        """Return what was printed of the exhibit in a format.

        Raises:
            AuditError: nothing was, it prints other numbers than the result, or simulated data without saying so.
        """
        path = self.files.get(ending)
        if path is None or not path.exists():
            raise AuditError(say("exhibit '{id}' has no {ending} file", id=self.meta.id, ending=ending))
        content = path.read_bytes()
        wrong = next(wrong_numbers(path.name, content, self.result), "")
        if wrong:
            raise AuditError(say("{path} is stale or damaged: {what}; `make run`", path=str(path), what=wrong))
        return content

    def require_mark(self, text: str) -> None:
        """Check that what is inserted of a simulated study says so.

        Raises:
            AuditError: it does not.
        """
        if self.meta.simulated and SIMULATED not in text:
            message = say("exhibit '{id}' is of simulated data and does not say SIMULATED", id=self.meta.id)
            raise AuditError(message)


@dataclass(frozen=True)
class FinishedStudy:
    """What of a study is finished.

    Attributes:
        study: its id.
        simulated: whether any of its sources is.
        exhibits: id -> exhibit, of those that have results.
        lacking: exhibits of the study file without a result.
    """

    study: str
    simulated: bool
    exhibits: Mapping[str, FinishedExhibit]
    lacking: tuple[str, ...] = ()


def finished_study(root: Path, name: str, results: Path, language: str) -> FinishedStudy:
    """Read what is finished of a study.

    Args:
        root: folder of the project.
        name: the study.
        results: folder of the results.
        language: of the reports.

    Raises:
        StudyError: the study file is wrong.
        WrittenError: a result is not what its job wrote.
        AuditError: nothing of the study is there.
    """
    use_extensions(root)
    study, sources = read_study(root, name)
    folder = results / name
    refuse(changed_below(folder))
    plan = Plan(root, root, language, {name: study}, sources, (), (), {})
    exhibits, lacking = {}, []
    for spec in study.exhibits:
        path = folder / result_folder(spec["kind"]) / f"{spec['id']}.json"
        if not path.exists():
            lacking.append(spec["id"])
            continue
        meta = ExhibitMeta(**json.loads(plan.meta(name, spec["id"])))
        files = dict(_files(folder / "exhibits", spec["id"], printed_files(spec)))
        exhibits[spec["id"]] = FinishedExhibit(meta, as_printed(read_result(str(path)), meta), files)
    if not exhibits:
        raise AuditError(say("{folder} holds no results: run the study first (make run)", folder=str(folder)))
    return FinishedStudy(name, plan.is_simulated(name), exhibits, tuple(lacking))


def refuse_stale(study: str, folder: Path, snakefile: Path) -> None:
    """Check that a run would make nothing of a study anew.

    Raises:
        AuditError: it would, or Snakemake cannot say.
    """
    target = f"results/{study}/report.html"
    try:
        jobs = [job for job in stale_jobs(dry_run(folder, snakefile, [target])) if job.causes]
    except ShidianError as problem:
        what = str(problem).splitlines()[-1]
    else:
        causes = [f"{' '.join((job.rule, job.about)).strip()}: {'; '.join(job.causes)}" for job in jobs[:3]]
        what = "; ".join(causes)
        if not jobs:
            return
    raise AuditError(
        say("results of '{study}' are stale ({what}): `make run`, or --as-they-are", study=study, what=what)
    )


def _files(folder: Path, exhibit: str, names: Iterator[str]) -> Iterator[tuple[str, Path]]:
    """Give the ending of each printed file that is called as its exhibit, and where it lies."""
    yield from ((Path(name).suffix, folder / name) for name in names if Path(name).stem == exhibit)
