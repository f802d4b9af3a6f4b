"""The same content gives the same bytes, whatever the hash seed, the clock, the folder and the user's language."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAM = """
import hashlib, json, sys, time
import report_samples as samples
from shidian.report.html import render_html
from shidian.report.pdf import render_pdf
from shidian.report.word import render_docx
from shidian.report.files import write_figure_files, write_table_files
from shidian.report.index import IndexEntry, render_index

report = samples.study_report("zh")
made = {"html": render_html(report).encode(), "pdf": render_pdf(report), "docx": render_docx(report)}
made["index"] = render_index([IndexEntry("a", "研究")]).encode()
for exhibit in report.exhibits:
    files = write_table_files(exhibit.result, exhibit.meta, ".") | write_figure_files(exhibit.result, exhibit.meta, ".")
    made |= {path.name: path.read_bytes() for path in files.values()}
print(json.dumps({name: hashlib.sha256(content).hexdigest() for name, content in made.items()}))
"""


def digests(folder, seed, zone, lang):
    folder.mkdir()
    keep = {k: v for k, v in os.environ.items() if k not in ("PYTHONHASHSEED", "TZ", "LANG", "LC_ALL")}
    env = {**keep, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": lang, "PYTHONPATH": str(HERE)}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def test_two_renders_are_the_same_bytes(tmp_path):
    first = digests(tmp_path / "one", "1", "Asia/Shanghai", "C")
    second = digests(tmp_path / "another", "2024", "America/New_York", "C.UTF-8")
    assert first == second
    assert len(first) == 4 + 3 * 7 + 2 * 5
    for name in ("baseline.docx", "baseline.xlsx"):
        with zipfile.ZipFile(tmp_path / "one" / name) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert (b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")) == name.endswith("xlsx")
    assert hashlib.sha256((tmp_path / "one" / "wide.csv").read_bytes()).hexdigest() == first["wide.csv"]
