"""How the figures of a study look, whatever they show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """Colours and font.

    Attributes:
        colours: ``"colour"``, or ``"grey"`` for print in one ink.
        font: ``"serif"`` as the text of a paper, or ``"sans"``.
    """

    colours: str = "colour"
    font: str = "serif"


PLAIN = Look()
"""How figures look where a study says nothing."""
