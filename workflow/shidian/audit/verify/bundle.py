"""A bundle opened for checking: its members read safely, its facts parsed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.audit.bundle.archive import MOST_BYTES, Fault, open_zip, read_member, unsafe_members
from shidian.audit.bundle.write import FORMAT, MANIFEST
from shidian.errors import AuditError


@dataclass(frozen=True)
class Bundle:
    """An open bundle whose members are safe to read."""

    path: Path
    archive: zipfile.ZipFile

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of all members."""
        return frozenset(self.archive.namelist())

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest.

        Raises:
            AuditError: there is none, or it is of another format.
        """
        content = self.json(MANIFEST)
        keys = ("format", "study", "files", "left_out", "run_facts")
        if not isinstance(content, dict) or any(key not in content for key in keys):
            raise AuditError(f"{self.path}: {MANIFEST} lacks one of {', '.join(keys)}")
        if content["format"] != FORMAT:
            raise AuditError(f"{self.path}: format '{content['format']}' is not '{FORMAT}', the one this version reads")
        return content

    def read(self, name: str) -> bytes:
        """Return a member; AuditError where it is missing or damaged."""
        return read_member(self.archive, name)

    def json(self, name: str) -> Any:
        """Return a JSON member; AuditError where it is missing, damaged or no JSON."""
        try:
            return json.loads(read_member(self.archive, name))
        except ValueError as problem:
            raise AuditError(f"{self.path}: {name} is no JSON: {problem}") from None

    def table(self, name: str) -> pd.DataFrame:
        """Return a CSV member, every cell as text; AuditError where it is missing, damaged or no table."""
        try:
            return pd.read_csv(io.BytesIO(read_member(self.archive, name)), dtype=str, keep_default_na=False)
        except ValueError as problem:
            raise AuditError(f"{self.path}: {name} is no table: {problem}") from None

    def frame(self, name: str) -> pd.DataFrame:
        """Return a CSV member with its numbers, empty texts kept; AuditError where it is missing or no table."""
        try:
            return pd.read_csv(io.BytesIO(read_member(self.archive, name)), keep_default_na=False)
        except ValueError as problem:
            raise AuditError(f"{self.path}: {name} is no table: {problem}") from None

    def is_run_fact(self, name: str) -> bool:
        """Say whether another run of the same code may make this member otherwise."""
        return any(
            name == fact or (fact.endswith("/") and name.startswith(fact)) for fact in self.manifest["run_facts"]
        )


@contextmanager
def opened(path: Path, most_bytes: int = MOST_BYTES) -> Iterator[Bundle]:
    """Open a bundle whose members are all safe.

    Raises:
        AuditError: no zip, or a member that must not be unpacked; every one is named.
    """
    with open_zip(path) as archive:
        faults = list(unsafe_members(archive, most_bytes))
        if faults:
            raise AuditError(faults_text(path, faults))
        yield Bundle(path, archive)


def faults_text(path: Path, faults: list[Fault]) -> str:
    """Return the faults of a bundle, one a line."""
    count = f"{len(faults)} fault" + ("" if len(faults) == 1 else "s")
    return "\n  ".join([f"{path}: {count}", *map(str, faults)])
