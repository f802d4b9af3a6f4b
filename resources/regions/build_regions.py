"""Build units.csv and changes.csv from the published code lists and the crosswalk of prefectures.

Run once, when a source is renewed (the tables are kept in git):

    python resources/regions/build_regions.py AREACODES CROSSWALK GB2260

AREACODES is a checkout of yescallop/areacodes (result.csv), CROSSWALK the folder of the prefecture crosswalk
(crosswalk_*.csv), GB2260 the folder of the 19 revisions in npm gb2260 (YYYYMM.json). README.md names sources
and licences.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

FIRST, LAST, LISTED = 1990, 2026, 2024
"""Years of the tables, and the last year of the code lists."""
HERE = Path(__file__).resolve().parent
PLACEHOLDER = re.compile(r"[西南中]沙(群岛.*|、.*)|西沙、.*")
MUNICIPALITIES = {"北京市": "110000", "天津市": "120000", "上海市": "310000", "重庆市": "500000"}
NOTES = {"341400": "巢湖市撤销，辖区分归合肥、芜湖、马鞍山", "371200": "莱芜市撤销，辖区划归济南"}
BEFORE = {  # of prefecture-level units that the roster leaves out: the name under which they go on
    "422200": "孝感市", "432800": "郴州市", "512200": "万县市", "512300": "涪陵市", "513000": "达川地区",
}  # fmt: skip
WITHOUT_COUNTIES = {"530200": ["530100"], "420400": ["421000"]}
"""Heirs of prefecture-level cities that had no counties: 东川市, 沙市市."""
DIVIDED = ("330104",)
"""Units that a founded one took the smaller part of: 江干区, of which 钱塘区 was founded."""
YEAR_ENDS = {("371200", "莱芜市"): 2018, ("542400", "那曲地区"): 2017}
"""Last year of units whose decision of a year took effect in the next one, though the year's code list has it."""
STATISTICAL = {"加格达奇区": "232701", "松岭区": "232702", "新林区": "232703", "呼中区": "232704"}
"""Districts of 大兴安岭 in GB/T 2260 of 2006-2008 only."""
LATER = ((2025, {"500105": "江北区", "500112": "渝北区"}, {"500157": "两江新区"}),)
"""Changes after the last code list: year, units that end, units founded (county events of the crosswalk)."""


@dataclass(frozen=True)
class Listed:
    """A code and a name, valid at the ends of the years first..last, and the codes its area passed to."""

    code: str
    name: str
    first: int
    last: int
    successors: tuple[str, ...] = ()


@dataclass
class Unit:
    """One unit through its renames and new codes."""

    level: str
    spells: list[Listed] = field(default_factory=list)

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


def read_lists(areacodes: Path) -> dict[str, list[Listed]]:
    """Return the spells of each level (省级, 地级, 县级) that reach into the years of the tables."""
    levels: dict[str, list[Listed]] = defaultdict(list)
    with (areacodes / "result.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            end = row["变更/弃用时间"]
            successors = tuple(re.findall(r"(\d{6})(?!\d)(?!\[)", row["新代码"])) if end else ()
            spell = Listed(row["代码"], row["名称"], int(row["启用时间"]), int(end) - 1 if end else LAST, successors)
            if spell.last >= FIRST and not PLACEHOLDER.fullmatch(spell.name):
                levels[row["级别"]].append(spell)
    return levels


def joined(spells: Iterable[Listed]) -> list[Listed]:
    """Put spells of one code and name that follow each other together (the lists begin anew when the parent does)."""
    found: list[Listed] = []
    for spell in sorted(spells, key=lambda s: (s.code, s.name, s.first)):
        if found and (found[-1].code, found[-1].name, found[-1].last + 1) == (spell.code, spell.name, spell.first):
            found[-1] = replace(spell, first=found[-1].first)
        else:
            found.append(spell)
    return found


def counties_of(lists: Sequence[Listed], gb2260: Path) -> list[Listed]:
    """Counties of the code lists with what other sources know better."""
    standard = {n: c for c, n in json.loads((gb2260 / "200212.json").read_text(encoding="utf-8")).items()}
    ends = {code: (year, tuple(new)) for year, gone, new in LATER for code in gone}
    spells: list[Listed] = []
    for spell in joined(lists):
        if spell.code[:4] in ("5406", "5424") and spell.last >= 2016 and spell.name[-1] in "县区":
            # decided in 2017, in force with 那曲市 in 2018
            spell = replace(spell, last=2017) if spell.code[:4] == "5424" else replace(spell, first=2018)
        if spell.last == LAST and spell.code in ends:
            spell = replace(spell, last=ends[spell.code][0] - 1, successors=ends[spell.code][1])
        older = standard.get(spell.name, spell.code)
        if spell.code[:4] == older[:4] == "4690" and older != spell.code:  # 海南: codes of GB/T 2260 until 2006
            spells += [replace(spell, code=older, last=2006, successors=(spell.code,)), replace(spell, first=2007)]
        else:
            spells.append(spell)
    spells += [Listed(code, name, year, LAST) for year, _, new in LATER for code, name in new.items()]
    return spells + [Listed(code, name, 2006, 2008) for name, code in STATISTICAL.items()]


def follow(spells: Sequence[Listed], level: str) -> list[Unit]:
    """Follow units from spell to spell: by name, code, name without its kind, else the one heir of one unit."""
    starting: dict[int, list[Listed]] = defaultdict(list)
    heirs: dict[tuple[int, str], int] = defaultdict(int)
    for spell in spells:
        starting[spell.first].append(spell)
        for code in spell.successors:
            heirs[spell.last + 1, code] += 1
    offers = []
    for old in (s for s in spells if s.last < LAST):
        for new in (s for s in starting[old.last + 1] if s.code in old.successors):
            founded = sum(s.code in old.successors for s in starting[new.first])
            alone = founded == 1 and heirs[new.first, new.code] == 1 and old.code not in DIVIDED
            tests = (old.name == new.name, old.code == new.code, base(old.name) == base(new.name), alone)
            if any(tests):
                offers.append((tests.index(True), old.code, new.code, old, new))
    after: dict[Listed, Listed] = {}
    for _, _, _, old, new in sorted(offers, key=lambda offer: offer[:3]):
        if old not in after and new not in after.values():
            after[old] = new
    units = []
    for spell in sorted(set(spells) - set(after.values()), key=lambda s: (s.first, s.code)):
        unit = Unit(level, [spell])
        while unit.spells[-1] in after:
            unit.spells.append(after[unit.spells[-1]])
        units.append(unit)
    return units


def cities_of(crosswalk: Path, lists: Sequence[Listed], provinces: dict[str, str]) -> list[Unit]:
    """Prefecture-level units by the crosswalk's roster at each year end, codes and years by the code lists."""
    roster: dict[str, list[Listed]] = defaultdict(list)
    with (crosswalk / "crosswalk_legal_roster_year_end_1987_2026.csv").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            name, year = row["legal_name_zh"], int(row["year"])
            if row["status"] == "active" and year >= FIRST and (code := _code(row, year, lists, provinces)):
                roster[row["entity_id"]].append(Listed(code, name, year, year))
    units = []
    for years in roster.values():
        unit = Unit("city")
        for spell in sorted(years, key=lambda s: s.first):
            last = unit.spells[-1] if unit.spells else None
            if last and (last.code, last.name) == (spell.code, spell.name):
                unit.spells[-1] = replace(last, last=spell.last)
            else:
                unit.spells.append(spell)
        units.append(unit)
    known = {spell.name: unit for unit in units for spell in unit.spells}
    for spell in (s for s in lists if s.name not in known):
        early = replace(spell, first=max(spell.first, FIRST))
        if spell.code in BEFORE:
            known[BEFORE[spell.code]].spells.insert(0, early)
        else:
            units.append(Unit("city", [early]))
    return units


def _code(row: dict[str, str], year: int, lists: Sequence[Listed], provinces: dict[str, str]) -> str | None:
    name, province = row["legal_name_zh"], provinces[row["province_name_zh"]]
    if name in MUNICIPALITIES and (name != "重庆市" or year >= 1997):
        return MUNICIPALITIES[name]
    for spell in lists:
        if spell.name == name and (spell.code[:2] == province or name == "重庆市"):
            last = YEAR_ENDS.get((spell.code, name), LAST if spell.last >= LISTED else spell.last)
            if spell.first <= year <= last:
                return spell.code
    return None


def changes_of(units: Sequence[Unit], counties: Sequence[Listed]) -> list[Change]:
    """Return what the tables say of each spell that follows another, of foundations of prefectures and of ends."""
    changes = []
    for unit in units:
        level, first, last = unit.level, unit.spells[0], unit.spells[-1]
        for old, new in zip(unit.spells, unit.spells[1:], strict=False):
            kind = "upgrade" if old.name != new.name else "recode"
            if old.name != new.name and (old.name[-1] == new.name[-1] if level == "city" else old.code == new.code):
                kind = "rename"
            changes.append(Change(new.first, level, kind, old.code, old.name, new.code, new.name, ""))
        if level == "city" and first.first > FIRST:
            changes.append(Change(first.first, level, "establish", "", "", first.code, first.name, ""))
        if last.last < LAST:
            changes.append(_end(unit, counties))
    return changes


def _end(unit: Unit, counties: Sequence[Listed]) -> Change:
    """Where a unit's area went: that of a prefecture is where its counties went."""
    last = unit.spells[-1]
    year, note = last.last + 1, NOTES.get(last.code, "")
    if unit.level == "county":
        names = {s.code: s.name for s in counties if s.first <= year <= s.last}
        heirs = [code for code in last.successors if code in names]
        return Change(
            year, "county", "end", last.code, last.name, ";".join(heirs), "、".join(names[c] for c in heirs), note
        )
    inside = [s for s in counties if s.code[:4] == last.code[:4] and s.last in (year - 1, year - 2)]
    heirs = sorted({f"{c[:2]}0000" if c[:2] == "50" else f"{c[:4]}00" for s in inside for c in s.successors})
    heirs = [code for code in heirs if code != last.code and code[2:4] != "90"]
    heirs = WITHOUT_COUNTIES.get(last.code, heirs)
    return Change(
        year, "city", "merge" if len(heirs) == 1 else "split", last.code, last.name, ";".join(heirs), "", note
    )


def main(areacodes: Path, crosswalk: Path, gb2260: Path) -> None:
    """Write units.csv and changes.csv beside this script."""
    lists = read_lists(areacodes)
    listed = [replace(s, first=max(s.first, FIRST)) for s in counties_of(lists["县级"], gb2260)]
    counties = follow([s for s in listed if s.last >= FIRST], "county")
    prefixes = {s.name: s.code[:2] for s in lists["省级"]}
    cities = cities_of(crosswalk, joined(lists["地级"]), prefixes)
    provinces = [Unit("province", [replace(s, first=FIRST)]) for s in joined(lists["省级"]) if s.last == LAST]
    rows = []
    for units in (provinces, cities, counties):
        taken: set[str] = set()
        for unit in sorted(units, key=lambda u: (-u.spells[-1].last, u.spells[-1].code)):
            key = unit.key(taken)
            taken.add(key)
            rows += [(key, unit.level, s.code, s.name, s.first, s.last) for s in unit.spells]
    rank = {"province": 0, "city": 1, "county": 2}
    rows.sort(key=lambda row: (rank[row[1]], row[0], row[4]))
    _write("units.csv", ("unit", "level", "code", "name", "first_year", "last_year"), rows)
    changes = changes_of([*cities, *counties], listed)
    changes.sort(key=lambda c: (rank[c.level], c.year, c.from_code, c.to_code))
    _write("changes.csv", tuple(Change.__annotations__), [tuple(vars(c).values()) for c in changes])


def _write(name: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
