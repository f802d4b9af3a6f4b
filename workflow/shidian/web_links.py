"""Addresses that a page may link to: those of the web, and no program in the clothes of one."""

from __future__ import annotations

import re

_WEB = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)


def web_link(url: str) -> str:
    """Return an address that a browser only opens; empty for any other, such as ``javascript:`` or ``file:``.

    >>> web_link("https://data.cnki.net/"), web_link("javascript:alert(1)")
    ('https://data.cnki.net/', '')
    """
    return url if _WEB.fullmatch(url) else ""
