"""Whether the title of a list of units names the policy that a study needs: what tells lists of pilots apart."""

from __future__ import annotations

import re
from collections.abc import Sequence


def names_policy(title: str, policies: Sequence[str]) -> bool:
    """Whether a title names a policy, in one of the languages in which it is given.

    >>> names_policy("National innovative cities, MOST", ["国家创新型城市", "national innovative city"])
    True
    >>> names_policy("Low-carbon pilot cities", ["国家创新型城市", "national innovative city"])
    False
    """
    words = _words(title)
    return any(policy in title or (_words(policy) and _words(policy) <= words) for policy in policies if policy)


def _words(text: str) -> set[str]:
    """Return the English words of a text, in the singular."""
    found = re.findall(r"[a-z]{2,}", text.lower())
    return {f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s") for word in found}
