"""The tags of an XML part as arrays: where each begins and ends, and what it is, without an object a tag."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

OPEN, CLOSE, SLASH = b"<>/"

_ATTRIBUTES = re.compile(r"""(?:(?: [\w:.-]+=(?:"[^"<&\n]*"|'[^'<&\n]*'))* ?/?\n)*""")


@dataclass(frozen=True)
class Grammar:
    """Which tags may stand in a part, and in which order.

    Attributes:
        names: the tags without ``<`` and ``>``. One that ends in a blank may have attributes, one that ends in a blank
            and a slash has them and holds nothing; no two begin with the same two letters and end alike.
        orders: which may follow which, by their places among the names; the number of names stands for both ends.
        texts: the tags behind which a text may stand.
    """

    names: tuple[bytes, ...]
    orders: frozenset[tuple[int, int]]
    texts: frozenset[bytes]

    @classmethod
    def of(cls, orders: Mapping[bytes, tuple[bytes, ...]], texts: Collection[bytes]) -> Grammar:
        """Take for each tag those that may follow it, ``b""`` for both ends, and those that a text may follow."""
        names = tuple(name for name in orders if name)
        number = {name: i for i, name in enumerate((*names, b""))}
        return cls(
            names, frozenset((number[a], number[b]) for a, all_ in orders.items() for b in all_), frozenset(texts)
        )

    def kind(self, name: bytes) -> int:
        """Return the place of a tag among the names."""
        return self.names.index(name)


@dataclass(frozen=True)
class Tags:
    """The tags between two places of an XML part.

    Attributes:
        xml: the whole part.
        data: its bytes.
        opens: where each tag begins.
        closes: where each tag ends, at its ``>``.
        kinds: which of the grammar's names each tag has.
    """

    xml: bytes
    data: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    kinds: np.ndarray

    @classmethod
    def of(cls, xml: bytes, start: int, stop: int, grammar: Grammar) -> Tags | None:
        """Take a part apart, in an encoding that contains ASCII; None where it breaks the grammar."""
        data = np.frombuffer(xml, dtype=np.uint8)
        part = data[start:stop]
        opens, closes = np.flatnonzero(part == OPEN) + start, np.flatnonzero(part == CLOSE) + start
        if len(opens) != len(closes) or not (opens < closes).all() or not (closes[:-1] < opens[1:]).all():
            return None
        first, following, holds = _tables(grammar)
        slash = data[closes - 1] == SLASH
        kinds = first.take((data[opens + 1].astype(np.int32) << 9) + (data[opens + 2].astype(np.int32) << 1) + slash)
        steps = np.empty(len(kinds) + 1, dtype=np.int16)
        steps[0], steps[1:] = len(grammar.names), kinds
        steps *= len(grammar.names) + 1
        steps[:-1] += kinds
        steps[-1] += len(grammar.names)
        is_text = (opens[1:] - closes[:-1] > 1) & ~holds.take(kinds[:-1])
        if is_text.any() or not following.take(steps).all():
            return None
        if not _has_whole_names(data, opens, closes, kinds, grammar.names):
            return None
        return cls(xml, data, opens, closes, kinds)

    def have_plain_attributes(self, names: Sequence[bytes], but: Collection[bytes] = ()) -> bool:
        """Say whether all tags that may have attributes have well-formed ones; those of some names were looked at."""
        for kind, name in enumerate(names):
            if name in but or not name.endswith((b" ", b" /")):
                continue
            at = np.flatnonzero(self.kinds == kind)
            starts = self.opens[at] + 1 + len(name.rstrip(b" /"))
            found = slices(self.xml, starts, self.closes[at]).to_pylist() if len(at) else []
            if found and not _ATTRIBUTES.fullmatch("\n".join([*found, ""])):
                return False
        return True

    def texts(self, tags: np.ndarray) -> pa.Array:
        """Return what stands between some tags, in ascending order, and the next ones; its UTF-8 is not checked."""
        return slices(self.xml, self.closes[tags] + 1, self.opens[tags + 1])


@lru_cache(maxsize=8)
def _tables(grammar: Grammar) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the name that begins with two letters and ends in a slash or not, whether a name may follow another, and
    whether a text may.

    A name of one letter is told by the ``>`` behind it; the number of names stands for none.
    """
    size = len(grammar.names)
    first = np.full((256, 256, 2), size, dtype=np.int8)
    for kind, name in enumerate(grammar.names):
        one, two = (name + b">")[:2]
        first[one, two, int(name.endswith(b" /"))] = kind
    following = np.zeros((size + 1, size + 1), dtype=bool)
    following[tuple(np.array(sorted(grammar.orders)).T)] = True
    holds = np.array([name in grammar.texts for name in (*grammar.names, b"")])
    return first.ravel(), following.ravel(), holds


def _has_whole_names(
    data: np.ndarray, opens: np.ndarray, closes: np.ndarray, kinds: np.ndarray, names: Sequence[bytes]
) -> bool:
    """Say whether each tag has all the letters of its name, and nothing else where it may have no attributes."""
    lengths = np.array([0 if name.endswith((b" ", b" /")) else len(name) + 1 for name in names]).take(kinds)
    if not ((lengths == 0) | (lengths == closes - opens)).all():
        return False
    for kind, name in enumerate(names):
        letters = name.removesuffix(b"/") if name.endswith(b" /") else name
        at = opens[kinds == kind] if len(letters) > 2 else opens[:0]
        if any((data[at + 1 + i] != letters[i]).any() for i in range(2, len(letters))):
            return False
    return True


def slices(content: bytes, starts: np.ndarray, stops: np.ndarray) -> pa.Array:
    """Return pieces of some bytes, which follow each other, as texts."""
    bounds = np.empty(2 * len(starts) + 1, dtype=np.int32)
    bounds[:-1:2], bounds[1::2], bounds[-1] = starts, stops, stops[-1] if len(stops) else 0
    pieces = pa.Array.from_buffers(pa.string(), len(bounds) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(content)])
    return pieces.take(pa.array(np.arange(0, len(bounds) - 1, 2)))
