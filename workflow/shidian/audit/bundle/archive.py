"""The zip of a bundle: written in one way, sealed, and never trusted when read.

The last 64 bytes are the SHA-256 of all bytes before them (they are the end of the zip's comment), so that no byte can
change unnoticed, those of headers included. A seal is no signature: who rebuilds the zip can seal it anew, and is found
by the digest that the author published, or by a rerun.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import IO

from shidian.errors import AuditError
from shidian.whole_files import whole

SEAL = b"shidian bundle, sha256 of all bytes before: "
_DIGITS = 64
_DATE = (1980, 1, 1, 0, 0, 0)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK = 1 << 20
MOST_BYTES = 20 * 10**9
"""Largest sum of declared sizes that is unpacked without being asked for."""
_RATIO = 1100
"""Deflate cannot shrink by more than 1032; a member that declares more is no honest zip."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a bundle: the kind of fault, where, and what was found."""

    kind: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.text}" if self.where else f"{self.kind}: {self.text}"


def write_sealed(target: Path, members: Mapping[str, bytes | Path]) -> str:
    """Write members, sorted by name and without a clock, as a sealed zip; return the digest of the whole file."""
    with whole(target) as part:
        with zipfile.ZipFile(part, "w") as archive:
            for name in sorted(members):
                entry = zipfile.ZipInfo(name, _DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                content = members[name]
                size = len(content) if isinstance(content, bytes) else content.stat().st_size
                entry.file_size = size
                with archive.open(entry, "w", force_zip64=size >= 2**31) as file:
                    if isinstance(content, bytes):
                        file.write(content)
                    else:
                        with content.open("rb") as source:
                            shutil.copyfileobj(source, file, _CHUNK)
            archive.comment = SEAL + b"0" * _DIGITS
        with part.open("r+b") as file:
            file.seek(-_DIGITS, 2)
            end = file.tell()
            digest = _digest(file, end).encode("ascii")
            file.seek(end)
            file.write(digest)
        with part.open("rb") as file:
            return _digest(file, part.stat().st_size)


def seal_fault(path: Path) -> Fault | None:
    """Return what is wrong with the seal of a bundle, if anything is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size < len(SEAL) + _DIGITS:
            return Fault("changed byte", path.name, "too short to be a bundle")
        file.seek(size - len(SEAL) - _DIGITS)
        tail = file.read()
        found = _digest(file, size - _DIGITS)
    if not tail.startswith(SEAL) or tail[len(SEAL) :] != found.encode("ascii"):
        return Fault("changed byte", path.name, "the file is not the one that was sealed (its digest differs)")
    return None


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return _digest(file, path.stat().st_size)


def _digest(file: IO[bytes], until: int) -> str:
    file.seek(0)
    found, left = hashlib.sha256(), until
    while left:
        chunk = file.read(min(_CHUNK, left))
        found.update(chunk)
        left -= len(chunk)
    return found.hexdigest()


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip for reading.

    Raises:
        AuditError: it is no zip that can be read.
    """
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as problem:
        raise AuditError(f"{path}: cannot be read as a zip: {problem}") from None


def unsafe_members(archive: zipfile.ZipFile, most_bytes: int = MOST_BYTES) -> Iterator[Fault]:
    """Yield every member that must not be unpacked: its name, its kind, its size or its place in the file."""
    seen: dict[str, str] = {}
    infos = archive.infolist()
    for info in infos:
        yield from _unsafe(info)
        key = info.orig_filename.casefold()
        if key in seen:
            yield Fault("twice in the zip", info.orig_filename, f"also as '{seen[key]}'")
        seen[key] = info.orig_filename
    for name in seen.values():
        for parent in PurePosixPath(name).parents:
            if str(parent).casefold() in seen:
                yield Fault("unsafe path", name, f"'{parent}' is a file, not a folder")
    declared = sum(info.file_size for info in infos)
    if declared > most_bytes:
        text = f"declares {declared:,} bytes unpacked, more than {most_bytes:,}; ask for it with --most-bytes"
        yield Fault("too large", "", text)
    yield from _places(infos)


def _unsafe(info: zipfile.ZipInfo) -> Iterator[Fault]:
    name = info.orig_filename
    problem = unsafe_name(name)
    if problem:
        yield Fault("unsafe path", repr(name), problem)
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"
        yield Fault("unsafe path", name, f"is {kind}")
    if info.flag_bits & 1:
        yield Fault("unreadable", name, "is encrypted")
    if info.compress_type not in _METHODS:
        yield Fault("unreadable", name, f"compression method {info.compress_type} is not deflate")
    if info.file_size > _RATIO * max(1, info.compress_size):
        yield Fault("too large", name, f"declares {info.file_size:,} bytes from {info.compress_size:,} compressed")


def unsafe_name(name: str) -> str:
    """Return why a member's name must not become a path, or an empty string."""
    parts = name.split("/")
    if not name or name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        return "an absolute path"
    if ".." in parts:
        return "climbs out of the folder ('..')"
    if "\\" in name or any(ord(c) < 32 or ord(c) == 127 for c in name):
        return "a backslash or a control character"
    if "" in parts or "." in parts:
        return "an empty part, or '.'"
    return ""


def _places(infos: list[zipfile.ZipInfo]) -> Iterator[Fault]:
    """Yield members that overlap another: how a small zip unpacks to an endless one."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    for info, following in pairwise(ordered):
        if info.header_offset + 30 + info.compress_size > following.header_offset:
            yield Fault("overlap", info.orig_filename, f"shares bytes with '{following.orig_filename}'")


def member_digest(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    """Return the SHA-256 of a member's content, read in pieces and never beyond its declared size.

    Raises:
        AuditError: the member cannot be unpacked.
    """
    found = hashlib.sha256()
    for chunk in _chunks(archive, info):
        found.update(chunk)
    return found.hexdigest()


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the content of one member; AuditError where it is missing or damaged."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise AuditError(f"the bundle has no {name}") from None
    return b"".join(_chunks(archive, info))


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    left = info.file_size
    try:
        with archive.open(info) as file:
            while chunk := file.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise AuditError(f"{info.filename}: unpacks to more than the {info.file_size:,} bytes it declares")
                yield chunk
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        raise AuditError(f"{info.filename}: damaged: {problem}") from None


def extract(archive: zipfile.ZipFile, prefix: str, target: Path) -> None:
    """Unpack the members below ``prefix`` into an empty folder, and nothing anywhere else.

    Call only after ``unsafe_members`` found nothing.

    Raises:
        AuditError: an unsafe name after all, or a member that cannot be unpacked.
    """
    root = target.resolve()
    for info in archive.infolist():
        if not info.filename.startswith(prefix):
            continue
        inner = info.filename.removeprefix(prefix)
        place = root.joinpath(*inner.split("/"))
        if unsafe_name(inner) or not place.resolve().is_relative_to(root):
            raise AuditError(f"unsafe path in the bundle: {info.filename!r}")
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            for chunk in _chunks(archive, info):
                file.write(chunk)
