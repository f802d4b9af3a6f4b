"""``shidian check-draft DRAFT STUDY``: every number of a manuscript against the study's results."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shidian.audit.draft.claims import Claim, claims_of
from shidian.audit.draft.reading import read_draft
from shidian.audit.draft.support import Results, Value, Verdict, verdict
from shidian.audit.manuscript.finished import FinishedStudy
from shidian.errors import UsageError
from shidian.messages import joined, say

AROUND = 40
"""Characters of the sentence that are shown on either side of a number."""


@dataclass(frozen=True)
class Checked:
    """What was found in a manuscript.

    Attributes:
        draft: its name.
        study: what it was compared with.
        verdicts: of the numbers that claim something, in order.
        passed: the numbers that claim nothing.
    """

    draft: str
    study: str
    verdicts: tuple[Verdict, ...]
    passed: tuple[Claim, ...]

    @property
    def unsupported(self) -> tuple[Verdict, ...]:
        """The numbers that no result supports."""
        return tuple(one for one in self.verdicts if not one.supported)

    def text(self, translated: Callable[[str], str], *, every: bool = False) -> str:
        """Return what the command prints: numbers without support, then how many were checked.

        Args:
            translated: gives a message in the reader's language.
            every: list also what is supported and what is passed over.
        """
        lines = [_line(one) for one in self.verdicts if every or not one.supported]
        if every:
            lines += [
                say("{where}: {number} passed over: {why}", where=c.where, number=c.text, why=why(c.passed))
                for c in self.passed
            ]
        reasons = Counter(claim.passed for claim in self.passed)
        bad = len(self.unsupported)
        lines.append(
            say("{draft}, {study}: {n} numbers checked, {good} supported, {bad} unsupported",
                draft=self.draft, study=self.study, n=len(self.verdicts), good=len(self.verdicts) - bad, bad=bad)
        )  # fmt: skip
        if reasons:
            parts = [say("{why} {n}", why=why(reason), n=n) for reason, n in sorted(reasons.items())]
            lines.append(say("no claims, passed over: {parts}", parts=joined(parts)))
        return "\n".join(map(translated, lines))


def check_draft(draft: Path, study: FinishedStudy, ignore: Sequence[str] = ()) -> Checked:
    """Compare every number of a manuscript, at its printed precision, with the results of a study.

    Args:
        draft: .docx, .tex, .md, .qmd, .txt or .pdf.
        study: the study, finished.
        ignore: regular expressions; numbers in what they match are passed over.

    Raises:
        UsageError: a file that is not there, or of another kind; a pattern that is none.
        AuditError: a manuscript that cannot be read.
    """
    ignored = [_pattern(text) for text in ignore]
    results = Results(study)
    verdicts, passed = [], []
    for passage in read_draft(draft):
        sentence, earlier = "", list[Value]()
        for claim in claims_of(passage, ignored):
            if claim.passed:
                passed.append(claim)
                continue
            earlier = earlier if claim.sentence == sentence else []
            found = verdict(claim, results, earlier)
            verdicts.append(found)
            sentence = claim.sentence
            estimates = [one for one in found.by if found.supported and one.is_tested]
            earlier = estimates or earlier
    return Checked(draft.name, study.study, tuple(verdicts), tuple(passed))


def why(reason: str) -> str:
    """Return in words why a number is no claim."""
    words = {
        "references": say("list of references"), "unchecked": say("marked unchecked"), "address": say("address"),
        "date": say("date"), "reference": say("reference"), "label": say("number of a table, section or list"),
        "level": say("level of a test or interval"), "version": say("version"), "year": say("year"),
        "name": say("part of a name"), "0 or 1": say("0 or 1"), "bound": say("bound"), "ignored": say("--ignore"),
    }  # fmt: skip
    return words[reason]


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as problem:
        raise UsageError(
            say("--ignore '{text}' is no regular expression: {what}", text=text, what=str(problem))
        ) from problem


def _line(one: Verdict) -> str:
    """Return what is said of a number."""
    claim = one.claim
    place = say("{where} ({section})", where=claim.where, section=claim.section) if claim.section else claim.where
    if one.supported:
        more = len(one.by) - 1
        also = say(" and {n} more", n=more) if more else ""
        return say("{place}: {number} = {by}{also}", place=place, number=claim.text, by=one.by[0].where, also=also)
    around = _around(claim)
    if not one.by:
        return say('{place}: {number} is in no result; "{around}"', place=place, number=claim.text, around=around)
    value, where = shown(one.by[0].value), one.by[0].where
    said = {
        "none": say("no estimate supports it; nearest {value}: {where}", value=value, where=where),
        "sign": say("its sign: {value} in {where}", value=value, where=where),
        "stars": say("its stars: '{stars}' in {where}", stars=one.by[0].stars or "", where=where),
        "p": say("its p: {value} in {where}", value=shown(one.by[0].p), where=where),
    }[one.fault]
    return say('{place}: {number}: {what}; "{around}"', place=place, number=claim.text, what=said, around=around)


def _around(claim: Claim) -> str:
    at = claim.sentence.find(claim.text)
    start = max(0, at - AROUND)
    return claim.sentence[start : at + len(claim.text) + AROUND].strip()


def shown(value: float) -> str:
    """Return a value with so many digits that a reader can round it."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.6g}"
