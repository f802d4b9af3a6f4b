"""Tables of texts between jobs: what is behind the texts of a row goes along in a column of its own, as JSON."""

from __future__ import annotations

import json

import pandas as pd

from shidian.messages.words import Words, behind, read_behind

MESSAGES = "messages"
"""Name of that column."""


def with_messages(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with what is behind the texts of each row, "" where none was said."""
    texts = [name for name in frame.columns if pd.api.types.is_string_dtype(frame[name])]
    rows = zip(*(frame[name] for name in texts), strict=True) if texts else ((),) * len(frame)
    return frame.assign(**{MESSAGES: [_encoded([t for t in row if isinstance(t, str)]) for row in rows]})


def read_messages(frame: pd.DataFrame) -> dict[str, Words]:
    """Return text -> words of all rows of such a table; they are known in this process from then on."""
    found: dict[str, Words] = {}
    for text in frame.get(MESSAGES, ()):
        found |= read_behind(json.loads(text)) if text else {}
    return found


def _encoded(texts: list[str]) -> str:
    found = behind(texts)
    return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else ""
