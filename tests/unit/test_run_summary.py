"""What a run changed, against the last one."""

import json
import os

from shidian.run_summary import Seen, distance, look, read_seen, summary, write_seen


def result(path, numbers, warnings=()):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [key.split("/") for key in numbers]
    values = {
        "column": [r[0] for r in rows], "term": [r[1] for r in rows],
        "estimate": [v[0] for v in numbers.values()], "se": [v[1] for v in numbers.values()],
    }  # fmt: skip
    path.write_text(json.dumps({"estimates": {"values": values}, "warnings": list(warnings)}), encoding="utf-8")


def test_numbers_that_moved_came_and_went_are_counted(tmp_path):
    results, memory = tmp_path / "results", tmp_path / "seen" / "numbers.json"
    first, second = results / "towns/estimates/base.json", results / "towns/placebo/placebo.json"
    result(first, {"(1)/did": [0.25, 0.05], "(1)/x": [1.0, 0.5], "(2)/did": [None, None]}, ["one", "two"])
    result(second, {"did/p": [0.04, None]})
    assert read_seen(memory) == {}
    seen = look(results, ["towns"], {})
    assert summary("towns", {}, seen) == "towns: 4 numbers, 2 warnings"
    write_seen(memory, seen)
    before = read_seen(memory)
    assert before == seen
    assert summary("towns", before, look(results, ["towns"], before)) == "towns: no number moved, 2 warnings"
    result(first, {"(1)/did": [0.35, 0.05], "(1)/x": [1.1, 0.5], "(3)/did": [0.2, 0.1]}, ["one"])
    os.utime(first, ns=(1, 1))
    said = "towns: 2 numbers moved, most base, (1), did: 0.25 to 0.35 (2 standard errors), 1 warning, 1 new, 1 gone"
    assert summary("towns", before, look(results, ["towns"], before)) == said


def test_a_file_that_is_as_it_was_is_not_read_again(tmp_path):
    path = tmp_path / "towns/estimates/base.json"
    result(path, {"(1)/did": [0.25, 0.05]})
    status = path.stat()
    kept = Seen([status.st_mtime_ns, status.st_size], {"base, (1), did": [9.0, 1.0]}, 0)
    assert look(tmp_path, ["towns"], {"towns/estimates/base.json": kept})["towns/estimates/base.json"] is kept


def test_a_memory_that_cannot_be_read_is_none(tmp_path):
    path = tmp_path / "numbers.json"
    for text in ("", "[1]", '{"a": 3}', '{"a": [1, 2, 3, 4]}'):
        path.write_text(text, encoding="utf-8")
        assert read_seen(path) == {}


def test_distances():
    assert distance([1.0, 0.5], [2.0, 0.5]) == 2
    assert distance([1.0, 0.5], [1.0, 0.6]) > 0
    assert distance([1.0, None], [1.5, None]) == float("inf")
    assert distance([None, None], [1.0, 1.0]) == float("inf")
    assert distance(["inf", None], ["inf", None]) == 0
