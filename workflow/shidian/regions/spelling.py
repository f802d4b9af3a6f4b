"""Other ways to write a unit's name: traditional characters, Latin letters, the older name in brackets."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[3] / "resources" / "regions"
_BRACKETS = re.compile(r"(.+?)[(（\[【〔](.+?)[)）\]】〕]")
_FORMER = re.compile(r"^(?:原名?|曾用?名?|旧称?|现名?|今|即)[：:]?")
_WORDS = (
    "city shi province sheng municipality prefecture zizhizhou autonomous special administrative region sar zizhiqu "
    "area diqu league meng and of the uygur uyghur uighur hui zhuang tibetan tibet mongol mongolian mongolia menggu "
    "kazak kazakh kirgiz kyrgyz bai yi dai jingpo hani miao dong buyei bouyei tujia korean lisu qiang"
)
_KINDS = frozenset(_WORDS.split())
"""Words behind a name that say what kind of unit it is."""
_SURE_KINDS = {"city": "市", "shi": "市", "province": "省", "sheng": "省"}


@cache
def _characters() -> dict[int, str]:
    with (_FOLDER / "traditional.csv").open(encoding="utf-8", newline="") as stream:
        return {ord(row["traditional"]): row["simplified"] for row in csv.DictReader(stream)}


@lru_cache(maxsize=16384)
def simplified(name: str) -> str:
    """Return a name in simplified characters.

    >>> simplified("廣州市")
    '广州市'
    """
    return name.translate(_characters())


@lru_cache(maxsize=16384)
def latin_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a name in Latin script, the first the surest: its letters, then its kind in Chinese.

    A city or a province is only what is called so; words for other kinds of unit are left out. Empty for a text that is
    none of Latin letters.

    >>> latin_keys("Xi'an"), latin_keys("Jilin City"), latin_keys("Guangxi Zhuang Autonomous Region")
    (('xian',), ('jilin市',), ('guangxi',))
    """
    if any("\u2e80" <= character <= "\u9fff" for character in text):
        return ()
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", re.sub(r"['`]", "", plain))
    if not words:
        return ()
    last = words[-1] if len(words) > 1 else ""
    while len(words) > 1 and words[-1] in _KINDS and words != ["inner", "mongolia"]:
        words.pop()
    letters = "".join(words)
    if last in _SURE_KINDS:
        return (letters + _SURE_KINDS[last],)
    return (f"{letters}州", letters) if last == "prefecture" else (letters,)


def keys_of_unit(latin: str, name: str) -> tuple[str, ...]:
    """Return the keys under which a unit is found by its name in Latin letters: alone, and with its kind.

    >>> keys_of_unit("Jilin", "吉林市")
    ('jilin', 'jilin市')
    """
    letters = latin_keys(latin)[-1]
    return (letters, letters + name[-1]) if name[-1] in "市省州" else (letters,)


@lru_cache(maxsize=16384)
def before_brackets(name: str) -> tuple[str, str] | None:
    """Return a name and the older name that stands in brackets behind it; None where there is none.

    >>> before_brackets("襄阳市（原襄樊）")
    ('襄阳市', '襄樊')
    """
    match = _BRACKETS.fullmatch(name)
    return (match[1].strip(), _FORMER.sub("", match[2]).strip()) if match else None
