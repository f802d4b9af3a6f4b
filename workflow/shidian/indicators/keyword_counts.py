"""Share of dictionary words among all words of Chinese texts, such as governments' work reports."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.messages import say


def keyword_share(texts: Mapping[Any, str | None], keywords: Iterable[str], words: Iterable[str] = ()) -> pd.DataFrame:
    """Count dictionary words in texts after segmentation with the dictionary loaded.

    Words come from jieba without its hidden Markov model, so that they depend on the dictionaries alone; every
    keyword and every one of ``words`` is registered with a frequency at which it is not split. A word is a token with
    a letter, a character or a digit: punctuation and blanks do not count.

    Args:
        texts: key (a year, or province and year) -> text; None or blank where there is no report.
        keywords: the dictionary, whose words are counted.
        words: further words that are not split, and not counted.

    Returns:
        One row a key in the order given: ``words``, ``keywords`` found, ``share`` = keywords / words; all missing
        where there is no text.

    Raises:
        EstimationError: for an empty dictionary, a keyword that is blank, and a text without any word.
    """
    known = {word.strip() for word in keywords}
    whole = known | {word.strip() for word in words}
    if not known or "" in whole:
        raise EstimationError(say("keyword_share: the dictionary is empty or holds a blank word"))
    tokenizer = _tokenizer(sorted(whole))
    rows: list[tuple[Any, Any, float]] = []
    for key, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            rows.append((pd.NA, pd.NA, float("nan")))
            continue
        words = [w for w in tokenizer.cut(text, HMM=False) if any(c.isalnum() for c in w)]
        if not words:
            raise EstimationError(say("keyword_share: the text of {key} holds no word", key=str(key)))
        found = sum(w in known for w in words)
        rows.append((len(words), found, found / len(words)))
    index = pd.Index(list(texts))
    frame = pd.DataFrame(rows, columns=["words", "keywords", "share"], index=index)
    return frame.astype({"words": "Int64", "keywords": "Int64", "share": "float64"})


def _tokenizer(dictionary: list[str]) -> Any:
    tokenizer = stock_tokenizer()
    for word in dictionary:
        tokenizer.add_word(word)
    for word in dictionary:  # a longer keyword must win against the shorter ones inside it
        tokenizer.suggest_freq(word, tune=True)
    return tokenizer


def stock_tokenizer() -> Any:
    """Return a jieba tokenizer of the dictionary that jieba ships, and of nothing else.

    Left to itself jieba loads ``jieba.cache`` from the temporary folder, whoever wrote it and by whichever version,
    and the words counted would be theirs.
    """
    import jieba  # loads half a second of dictionary: only where texts are cut

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
