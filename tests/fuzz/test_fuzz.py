"""A small part of `make fuzz`: some inputs of every kind, and every failure that was ever found."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .__main__ import KEPT, in_time
from .subjects import subjects

NAMES = ("study", "source", "formula", "workbook")


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    return subjects(tmp_path_factory.mktemp("made"))


def test_every_subject_is_tried(every):
    assert tuple(every) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_input_is_refused_in_our_words_or_means_what_is_written(every, name, tmp_path):
    subject = every[name]

    @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(subject.inputs)
    def trial(content):
        with in_time(20):
            subject.check(content, tmp_path)

    trial()


@pytest.mark.parametrize("path", sorted(KEPT.glob("*_*")), ids=lambda path: path.name)
def test_what_failed_once_is_mended(every, path: Path, tmp_path):
    with in_time(20):
        every[path.name.partition("_")[0]].check(path.read_bytes(), tmp_path)


@pytest.mark.parametrize("fault", [ValueError("x"), KeyError("x"), RecursionError("x")])
def test_a_fault_is_seen(fault, tmp_path):
    """The check of a subject lets no exception but ours pass."""

    @settings(max_examples=2, database=None, deadline=None)
    @given(st.just(b"x"))
    def trial(content):
        raise fault

    with pytest.raises(type(fault)):
        trial()
