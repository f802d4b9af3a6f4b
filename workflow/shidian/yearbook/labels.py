"""What a file says of its columns beyond their headers, as files of Stata do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Labels:
    """Labels of columns by header, and labels of their values by header: code -> text."""

    variables: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[float, str]] = field(default_factory=dict)
