"""A copy of the project to run, edit and break, with Snakemake as a user calls it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from shidian.checksums import FOLDER

ROOT = Path(__file__).resolve().parents[2]
BOOKS = ("code", "lock", "yaml", "checked")
"""What earlier runs remember of texts by their content, whatever folder these lie in (``shidian.checksums``)."""
PARTS = ("Snakefile", "config", "profiles", "resources", "uv.lock", "workflow", "envs", "pyproject.toml", "LICENSE")


class Project:
    """A copy of the project in a folder of its own."""

    def __init__(self, folder: Path, studies: tuple[str, ...] = ("castle_doctrine",), raw: Path | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        ignore = shutil.ignore_patterns("__pycache__", "raw")
        for part in PARTS:
            source = ROOT / part
            if source.is_symlink():
                (folder / part).symlink_to(os.readlink(source))
            elif source.is_dir():
                shutil.copytree(source, folder / part, symlinks=True, ignore=ignore)
            else:
                shutil.copy2(source, folder / part)
        for book in BOOKS:
            known = ROOT / FOLDER / f"{book}.json"
            if known.exists():
                (folder / FOLDER).mkdir(parents=True, exist_ok=True)
                shutil.copy2(known, folder / FOLDER)
        self.recorded = folder
        self.raw = raw or folder / "resources" / "raw"
        lines = "".join(f"  - {study}\n" for study in studies)
        (folder / "config" / "config.yaml").write_text(f"studies:\n{lines}", encoding="utf-8")

    @classmethod
    def at(cls, folder: Path, recorded: Path) -> Project:
        """Return a project that lies in a folder already."""
        project = cls.__new__(cls)
        project.folder, project.recorded, project.raw = folder, recorded, folder / "resources" / "raw"
        return project

    @property
    def environment(self) -> dict[str, str]:
        """Environment in which the copy's code is the one that runs."""
        path = f"{self.folder / 'workflow'}"
        return {**os.environ, "PYTHONPATH": path, "SHIDIAN_RAW": str(self.raw), "PYTHONHASHSEED": "random"}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--cores", "2", "--nocolor", *arguments]

    def snakemake(self, *arguments: str, check: bool = True, env: dict[str, str] | None = None) -> str:
        """Run Snakemake and return all that it printed."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, env={**self.environment, **(env or {})},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        printed = done.stdout + done.stderr
        assert not check or done.returncode == 0, printed
        assert check or done.returncode != 0, printed
        return printed

    def stale(self, *targets: str) -> dict[str, set[str]]:
        """Return rule -> what it would run for ("all" where it has no exhibit), from a dry run."""
        jobs: dict[str, set[str]] = {}
        for rule, wildcards in self.stale_jobs(*targets):
            jobs.setdefault(rule, set()).add(wildcards.get("exhibit", "all"))
        return jobs

    def stale_jobs(self, *targets: str) -> list[tuple[str, dict[str, str]]]:
        """Return rule and wildcards of each job that would run for targets (by default all), from a dry run."""
        printed = self.snakemake("--dry-run", "--workflow-profile", "none", *targets)
        jobs = []
        for block in re.split(r"\n(?=(?:local)?rule \w+:)", printed):
            rule = re.match(r"(?:local)?rule (\w+):", block)
            if rule and rule.group(1) != "all":
                wildcards = re.search(r"wildcards: (.*)", block)
                pairs = dict(w.split("=", 1) for w in wildcards.group(1).split(", ")) if wildcards else {}
                jobs.append((rule.group(1), pairs))
        return jobs

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace the one occurrence of a text in a file."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {text.count(old)} times {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def digests(self) -> dict[str, str]:
        """Return the checksum of every result file that must not depend on how it came about.

        The index says when each study ran.
        """
        results = self.folder / "results"
        apart = {"logs", "benchmarks", "replication", "index.html", "index.html.sha256"}
        files = (p for p in results.rglob("*") if p.is_file() and not apart & set(p.parts))
        return {p.relative_to(results).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(files)}
