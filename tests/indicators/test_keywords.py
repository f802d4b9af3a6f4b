"""Keyword share of Chinese texts."""

import marshal

import pytest
from shidian.errors import EstimationError
from shidian.indicators.keyword_counts import keyword_share

REPORT = "大力发展绿色金融和大数据，推进5G网络建设。绿色金融支持企业发展。"


def test_keywords_that_the_stock_dictionary_would_split_are_counted_whole():
    share = keyword_share({2010: REPORT}, ["绿色金融", "大数据"])
    assert share.loc[2010, "keywords"] == 3
    without = keyword_share({2010: REPORT}, ["大数据"])
    assert without.loc[2010, "keywords"] == 1
    assert without.loc[2010, "words"] > share.loc[2010, "words"]  # 绿色金融 counted as two words
    assert share.loc[2010, "share"] == pytest.approx(3 / share.loc[2010, "words"])


def test_punctuation_and_blanks_are_no_words():
    first = keyword_share({1: REPORT}, ["大数据"]).loc[1, "words"]
    second = keyword_share({1: "  \n" + REPORT.replace("。", "！！…… ")}, ["大数据"]).loc[1, "words"]
    assert first == second


def test_the_order_of_keywords_and_earlier_calls_do_not_matter():
    words = ["人工智能", "智能", "互联网", "大数据", "云计算"]
    text = "人工智能与智能制造，互联网、云计算和大数据"
    base = keyword_share({1: text}, words)
    keyword_share({1: text}, ["智能制造"])
    assert keyword_share({1: text}, reversed(words)).equals(base)
    assert base.loc[1, "keywords"] == 5


def test_years_without_a_report_are_missing():
    share = keyword_share({2004: REPORT, 2005: None, 2006: "  "}, ["大数据"])
    assert share.index.tolist() == [2004, 2005, 2006]
    assert share["share"].isna().tolist() == [False, True, True]
    assert share["words"].isna().tolist() == [False, True, True]


def test_bad_input_is_named():
    with pytest.raises(EstimationError, match="dictionary is empty"):
        keyword_share({1: REPORT}, [])
    with pytest.raises(EstimationError, match="blank word"):
        keyword_share({1: REPORT}, ["大数据", " "])
    with pytest.raises(EstimationError, match="text of 2010 holds no word"):
        keyword_share({2010: "。。。"}, ["大数据"])


def test_a_cached_dictionary_of_somebody_else_is_not_read(tmp_path, monkeypatch):
    before = keyword_share({2010: REPORT}, ["绿色金融"])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "jieba.cache").write_bytes(marshal.dumps(({"推进5G网络建设": 10**6, "支持企业发展": 10**6}, 2 * 10**6)))
    planted = (tmp_path / "jieba.cache").read_bytes()
    assert keyword_share({2010: REPORT}, ["绿色金融"]).equals(before)
    assert [path.name for path in tmp_path.iterdir()] == ["jieba.cache"]  # nor left behind for others
    assert (tmp_path / "jieba.cache").read_bytes() == planted
