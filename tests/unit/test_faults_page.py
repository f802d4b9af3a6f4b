"""docs/faults.md: every fault is survived, a clear error or refused, and the test that holds it is there."""

import re

import pytest
from shidian.code_digests import ROOT

LINES = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines()
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in LINES
    if line.startswith("| ") and not line.startswith("| fault")
]
FILE = re.compile(r"`((?:tests|bench)/[^`]+\.py)`")
TARGET = re.compile(r"`make ([a-z-]+)`")


def test_the_page_has_all_its_rows():
    assert len(ROWS) > 80
    assert {len(row) for row in ROWS} == {3}


@pytest.mark.parametrize(("fault", "ends", "held_by"), ROWS, ids=lambda text: text[:40])
def test_a_fault_ends_well_and_names_its_test(fault, ends, held_by):
    assert re.match(r"(survived|clear error|refused)\b", ends), fault
    files, targets = FILE.findall(held_by), TARGET.findall(held_by)
    assert files or targets, fault
    assert [file for file in files if not (ROOT / file).is_file()] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [target for target in targets if f"\n{target}:" not in makefile] == []
