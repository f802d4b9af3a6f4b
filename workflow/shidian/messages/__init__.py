"""Sentences as messages: a template with its arguments, said in the language of whoever reads it.

Code says ``say("{n} rows left out for missing values", n=3)``: the English template is the message's id, and the files
of ``report/languages/zh`` hold its Chinese. What ``say`` returns is the English text, and knows what is behind it.
Tables of texts between jobs are the business of ``shidian.messages.frames``, which alone needs pandas.
"""

from shidian.messages.words import (
    Words,
    aside,
    behind,
    capital,
    counted,
    in_turn,
    is_aside,
    joined,
    number,
    read_behind,
    said,
    say,
    with_names,
)

__all__ = [
    "Words", "aside", "behind", "capital", "counted", "in_turn", "is_aside", "joined", "number", "read_behind", "said",
    "say", "with_names",
]  # fmt: skip
