"""``shidian export STUDY --to MANUSCRIPT``: a study's tables, figures and numbers put into the author's manuscript."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shidian.audit.manuscript.blocks import BLOCK_WRITERS, Pictures
from shidian.audit.manuscript.finished import FinishedStudy
from shidian.audit.manuscript.marks import BlockMark, is_mark, read_mark, unclosed
from shidian.audit.manuscript.numbers import number_text
from shidian.audit.manuscript.plain_text import SYNTAXES, filled
from shidian.audit.manuscript.regions import Log
from shidian.audit.manuscript.word import filled_word
from shidian.errors import AuditError, UsageError
from shidian.messages import say
from shidian.whole_files import whole

ENDINGS = (".docx", *SYNTAXES)
BACKUP = ".bak"
SHOWN = 20
"""Numbers that moved which are named one by one."""


@dataclass(frozen=True)
class Exported:
    """What a run did with a manuscript.

    Attributes:
        log: its marks.
        target: the file that holds the result.
        backup: what the manuscript was before; None where it was not overwritten.
    """

    log: Log
    target: Path
    backup: Path | None

    def text(self, translated: Callable[[str], str]) -> str:
        """Return what the command prints."""
        changes = self.log.changes
        blocks = sum(change.block for change in changes)
        lines = [
            say("{file}: {numbers} numbers, {blocks} tables and figures, {new} of them new, {moved} changed",
                file=str(self.target), numbers=len(changes) - blocks, blocks=blocks,
                new=sum(not c.before for c in changes), moved=sum(c.moved for c in changes))
        ]  # fmt: skip
        moved = [change for change in changes if change.moved]
        lines += [
            f"  {change.mark}" if change.block else f"  {change.mark}: {change.before} → {change.after}"
            for change in moved[:SHOWN]
        ]
        if len(moved) > SHOWN:
            lines.append(say("  and {n} more", n=len(moved) - SHOWN))
        if self.log.left:
            lines.append(say("left as they are, no marks of this study: {marks}", marks=self.log.left))
        if self.backup:
            lines.append(say("the manuscript as it was: {file}", file=str(self.backup)))
        return "\n".join(map(translated, lines))


def export(
    study: FinishedStudy, manuscript: Path, out: Path | None = None, *, replace_edited: bool = False
) -> Exported:
    """Fill the marks of a manuscript, and bring up to date what an earlier run filled.

    Args:
        study: the study, finished.
        manuscript: .docx, .tex, .qmd or .md.
        out: where to write; by default the manuscript itself, of which a copy is kept beside it.
        replace_edited: replace also insertions that the author has edited.

    Raises:
        UsageError: a file that is not there, or of another kind.
        AuditError: a manuscript that cannot be read or is open in Word; marks that cannot be filled, all at once, and
            then nothing is written.
    """
    content, ending = _read(manuscript), manuscript.suffix.lower()
    target = out or manuscript
    if target.suffix.lower() != ending:
        raise UsageError(say("--out {file}: a {ending} manuscript stays one", file=str(target), ending=ending))
    _refuse_open(target)
    log, pictures = Log(), Pictures(f"{target.stem}_figures")
    try:
        if ending == ".docx":
            new = filled_word(
                content, lambda text: _asked(text, study), log,
                begun=lambda text: unclosed(text, study), replace_edited=replace_edited,
            )  # fmt: skip
        else:
            new = _plain(content, ending, study, pictures, log, replace_edited=replace_edited)
    except AuditError as problem:
        raise AuditError(say("{file}: {what}", file=str(manuscript), what=str(problem))) from problem
    log.raise_faults(str(manuscript))
    if not log.changes:
        raise AuditError(
            say("{file}: there is no mark in it: {{{{table:EXHIBIT}}}}, {{{{figure:EXHIBIT}}}} or "
                "{{{{EXHIBIT:COLUMN:TERM}}}}", file=str(manuscript))
        )  # fmt: skip
    unchanged = all(change.before == change.after for change in log.changes)
    backup = _write(target, content, new, pictures, is_same=unchanged and target == manuscript)
    return Exported(log, target, backup)


def _read(manuscript: Path) -> bytes:
    if not manuscript.is_file():
        raise UsageError(say("there is no manuscript {file}", file=str(manuscript)))
    if manuscript.suffix.lower() not in ENDINGS:
        raise UsageError(
            say("{file}: a manuscript is one of {endings}; save a .doc or .odt as .docx",
                file=str(manuscript), endings=list(ENDINGS))
        )  # fmt: skip
    return manuscript.read_bytes()


def _refuse_open(target: Path) -> None:
    """Check that Word has not the file open: what is written beneath it would be lost."""
    locks = [target.with_name(f"~${target.name[n:]}") for n in (0, 1, 2)]
    if any(lock.exists() for lock in locks):
        raise AuditError(say("{file} is open in Word (it has a lock file ~$...): close it first", file=str(target)))


def _asked(text: str, study: FinishedStudy) -> str | BlockMark | None:
    """Return the number that a mark prints, the block that it asks for, or None for braces of the author's own."""
    if not is_mark(text, study):
        return None
    mark = read_mark(text, study)
    return mark if isinstance(mark, BlockMark) else number_text(mark)


def _plain(
    content: bytes, ending: str, study: FinishedStudy, pictures: Pictures, log: Log, *, replace_edited: bool
) -> bytes:
    """Return a text manuscript with its marks filled, its mark of byte order and line ends as they were."""
    text, before, ends = _decoded(content)

    def fill(mark: str) -> tuple[str, bool] | None:
        given = _asked(mark, study)
        if isinstance(given, BlockMark):
            return BLOCK_WRITERS[ending](given, pictures), True
        if given is None:
            return None
        return (_in_tex(given) if ending == ".tex" else _in_markdown(given)), False

    new = filled(text, ending, fill, log, begun=lambda part: unclosed(part, study), replace_edited=replace_edited)
    return before + new.replace("\n", ends).encode("utf-8")


def _decoded(content: bytes) -> tuple[str, bytes, str]:
    """Return a text with plain line ends, its mark of byte order, and what its lines end in."""
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    try:
        text = content.removeprefix(mark).decode("utf-8")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise AuditError(say("is not UTF-8 (line {n}): save it as UTF-8", n=line)) from problem
    if "\r\n" in text and text.count("\r\n") == text.count("\n"):
        return text.replace("\r\n", "\n"), mark, "\r\n"
    return text, mark, "\n"


def _in_tex(number: str) -> str:
    """Return a number that reads the same in text and in mathematics."""
    stem = number.rstrip("*") if number.endswith("*") else number
    stars = number[len(stem) :]
    for plain, tex in (("%", r"\%"), ("−", r"\ensuremath{-}"), ("<", r"\ensuremath{<}"), (",", "{,}")):
        stem = stem.replace(plain, tex)
    return stem + (rf"\ensuremath{{^{{{stars}}}}}" if stars else "")


def _in_markdown(number: str) -> str:
    return number.replace("*", r"\*").replace("<", r"\<")


def _write(target: Path, old: bytes, new: bytes, pictures: Pictures, *, is_same: bool) -> Path | None:
    """Write the pictures, a copy of the manuscript where it is overwritten, and the manuscript; each whole."""
    for name, content in pictures.files.items():
        with whole(target.parent / pictures.folder / name) as part:
            part.write_bytes(content)
    if is_same:
        return None
    backup = target.with_name(target.name + BACKUP) if target.exists() else None
    if backup:
        with whole(backup) as part:
            part.write_bytes(target.read_bytes())
    with whole(target) as part:
        part.write_bytes(new)
    return backup
