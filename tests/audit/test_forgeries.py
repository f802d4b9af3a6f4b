"""A consistent forger makes seal, manifest, crate and map anew: every file is opened, so that each forgery is named."""

import io
import json
import re
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imsave
from shidian.audit.verify.command import verify_bundle
from shidian.audit.verify.printed import _another_picture
from shidian.audit.verify.printed_reports import wrong_in_html, wrong_in_pdf, wrong_in_word
from shidian.audit.verify.printed_tables import wrong_numbers
from shidian.audit.verify.static import verify
from shidian.report.captions import languages
from shidian.report.files import write_table_files
from shidian.report.study_report import ExhibitMeta
from shidian.used import Rows, Used

from .small_bundle import SmallProject, edit_zip, faults, forge, members, small_result

RESULT = "results/towns/estimates/baseline.json"
TABLE = "results/towns/exhibits/baseline"


def in_place(old, new):
    return lambda content: content.replace(old, new)


def in_zip(old, new):
    return lambda content: edit_zip(content, old, new)


PRINTED = {
    f"{TABLE}.csv": in_place(b"0.0694", b"0.0994"),
    f"{TABLE}.tex": in_place(b"0.0694", b"0.0994"),
    f"{TABLE}.docx": in_zip(b"0.0694", b"0.0994"),
    f"{TABLE}.xlsx": in_zip(b"0.0694<", b"0.0994<"),
    f"{TABLE}_estimates.csv": in_place(b"0.0693984", b"0.0993984"),
    "results/towns/report.html": in_place(b">0.0694<", b">0.0994<"),
    "results/towns/report.docx": in_zip(b"0.0694", b"0.0994"),
}
"""File -> a forgery of its number."""


@pytest.mark.parametrize("name", PRINTED)
def test_a_number_changed_in_one_printed_file(bundle, tmp_path, name):
    content = members(bundle)
    changed = PRINTED[name](content[name])
    assert changed != content[name]
    found = faults(forge(content | {name: changed}, tmp_path / "b.zip"))
    assert name in found or "the table '0.0994'" in found  # the exhibit map names the printed table
    assert "0.099" in found
    assert "0.069" in found


def test_the_numbers_that_a_click_shows(bundle, tmp_path):
    content = members(bundle)
    name = "results/towns/report.html"
    changed = content[name].replace(b'"estimate":0.0693984', b'"estimate":0.0993984')
    assert changed != content[name]
    found = faults(forge(content | {name: changed}, tmp_path / "b.zip"))
    assert "estimates of 'baseline', row 1, estimate: 0.0993984, the result has 0.0693984" in found


def test_the_full_digits_in_a_workbook(bundle, tmp_path):
    content = members(bundle)
    name = f"{TABLE}.xlsx"
    changed = edit_zip(content[name], b"0.0693984<", b"0.0693985<")
    found = faults(forge(content | {name: changed}, tmp_path / "b.zip"))
    assert f"{name}: sheet 'estimates': row 1, estimate: 0.0693985, the result has 0.0693984" in found


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("report.pdf", b"%PDF-1.7\n%%EO", "PDF"), ("report.html", b"<p>", "HTML page"),
        ("report.docx", b"PK\3\4", "Word document"),
        ("exhibits/baseline.xlsx", b"PK\3\4", "Excel workbook"), ("exhibits/baseline.tex", b"\n\n\n\n", "text"),
        ("exhibits/baseline.docx", b"", "Word document"), ("panel.parquet", b"PAR1", "Parquet file"),
        ("exhibits/baseline_estimates.csv", b"", "CSV table"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_name_says(bundle, tmp_path, name, content, what):
    found = faults(forge(members(bundle) | {f"results/towns/{name}": content}, tmp_path / "b.zip"))
    assert re.search(rf"unreadable: results/towns/{name}: {len(content)} bytes that are no {what}", found)


def test_a_number_changed_in_every_file_contradicts_its_own_statistic(bundle, tmp_path):
    """The forger of F1: result, map and all that is printed say 0.0994; t, p and interval are of 0.0694."""
    content = members(bundle)
    result = json.loads(content[RESULT])
    values = result["estimates"]["values"]
    values |= {"statistic": [0.0693984 / 0.0558596], "df": [49.0], "p": [0.2200124358]}
    values |= {"ci_low": [-0.04], "ci_high": [0.18], "estimate": [0.0993984]}
    content[RESULT] = json.dumps(result).encode()
    table = content["audit/exhibit_map.csv"]
    moved = {"audit/exhibit_map.csv": table.replace(b"0.0693984", b"0.0993984")}
    found = faults(forge(content | moved, tmp_path / "b.zip"))
    assert re.search(r"column '\(1\)', term 'did': .* over its error .* the statistic is 1.24", found)
    values |= {"estimate": [0.0693984], "p": [0.01]}
    content[RESULT] = json.dumps(result).encode()
    found = faults(forge(content, tmp_path / "b.zip"))
    assert "with 49 degrees of freedom has p = 0.2200124358" in found
    values |= {"ci_low": [0.08]}
    content[RESULT] = json.dumps(result).encode()
    assert "0.0693984 lies outside its interval" in faults(forge(content, tmp_path / "b.zip"))


def test_rows_that_the_panel_does_not_have_and_an_n_of_other_rows(bundle, tmp_path):
    content = members(bundle)
    used = {"(1)": Used(rows=Rows.of(range(3)))}
    content[RESULT] = replace(small_result(), used=used).to_json().encode()
    found = faults(forge(content, tmp_path / "b.zip"))
    assert "used row 2 of panel.parquet, which has 1 rows" in found
    assert "N is 550, the rows used are 3" in found


@pytest.mark.parametrize("lang", languages())
def test_what_is_printed_is_read_back_without_printing_it_again(lang):
    """Where the bundle is of another version, its numbers are read out of the files alone, in each language."""
    result, other = small_result(), small_result(0.0993984)
    content = members_of(result, lang)
    for name in (
        "baseline.csv", "baseline.md", "baseline.tex", "baseline.docx", "baseline.xlsx", "baseline_estimates.csv",
    ):  # fmt: skip
        assert list(wrong_numbers(name, content[name], result)) == [], name
        assert any("0.0694" in text or "0.0693984" in text for text in wrong_numbers(name, content[name], other)), name
    assert list(wrong_numbers("baseline.rst", b"?", other)) == []


def members_of(result, lang):
    """Return the printed files of a result in a language by name."""
    with tempfile.TemporaryDirectory() as folder:
        written = write_table_files(result, ExhibitMeta("towns", "baseline", lang=lang), folder)
        return {Path(path).name: Path(path).read_bytes() for path in written.values()}


@pytest.mark.parametrize(("ending", "wrong"), [("html", wrong_in_html), ("pdf", wrong_in_pdf), ("docx", wrong_in_word)])
def test_a_report_is_read_back(bundle, ending, wrong):
    content = members(bundle)[f"results/towns/report.{ending}"]
    assert list(wrong(content, {"baseline": small_result()})) == []
    assert any("0.0994" in text for text in wrong(content, {"baseline": small_result(0.0993984)}))


def test_a_bundle_that_does_not_say_how_it_was_printed(bundle, tmp_path):
    """A forger who leaves that out gains nothing: numbers are read back, and it is said that no more was done."""
    content = members(bundle)
    facts = json.loads(content["audit/study.json"])
    del facts["report"]
    content["audit/study.json"] = json.dumps(facts).encode()
    verdict = verify(forge(content, tmp_path / "b.zip"))
    assert verdict.faults == (), verdict.faults


def git(folder, *words):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """A project in a git checkout, and its bundle."""
    project = SmallProject(tmp_path_factory.mktemp("committed"))
    (project.folder / ".gitignore").write_text("results/\nelsewhere/\n", encoding="utf-8")
    git(project.folder, "init", "-q")
    git(project.folder, "add", ".")
    git(project.folder, "commit", "-qm", "all")
    return project, project.bundle(tmp_path_factory.mktemp("bundle") / "towns.zip")


def test_code_of_the_named_commit(committed):
    project, bundle = committed
    verdict = verify(bundle, checkout=project.folder)
    assert verdict.faults == ()
    assert "code: every file is that of the commit, or named as differing from it" in verdict.passed


def test_code_altered_while_the_bundle_says_that_nothing_changed(committed, tmp_path):
    project, bundle = committed
    name = "source/workflow/scripts/estimate_exhibit.py"
    content = members(bundle) | {name: b"print('forged')\n"}
    del content["source/workflow/shidian/exhibits/did/did_table/estimate.py"]
    content["source/workflow/shidian/new.py"] = b"\n"
    crate = json.loads(content["ro-crate-metadata.json"])
    text = json.dumps(crate).replace("workflow/shidian/exhibits/did/did_table/estimate.py", "workflow/shidian/new.py")
    content["ro-crate-metadata.json"] = text.encode()
    path = forge(content, tmp_path / "b.zip")
    found = "\n".join(map(str, verify(path, checkout=project.folder).faults))
    assert f"not the code of the commit: {name}" in found
    assert "did_table/estimate.py: in the commit, not in the bundle" in found
    assert "source/workflow/shidian/new.py: not in the commit" in found


def test_code_of_a_commit_that_is_not_here_is_unknown(committed, bundle, tmp_path):
    _, of_commit = committed
    for path, why in ((of_commit, "is not in this checkout"), (bundle, "names no commit")):
        verdict = verify(path, checkout=tmp_path)
        assert verdict.faults == ()
        assert any("code: UNKNOWN" in note and why in note for note in verdict.notes)


def test_code_that_the_bundle_names_as_differing(committed, tmp_path):
    project, _ = committed
    script = project.folder / "workflow" / "scripts" / "estimate_exhibit.py"
    before = script.read_bytes()
    script.write_bytes(b"print('edited')\n")
    try:
        verdict = verify(project.bundle(tmp_path / "b.zip"), checkout=project.folder)
    finally:
        script.write_bytes(before)
    assert verdict.faults == ()


def test_the_screen_says_what_the_seal_is_and_what_is_not_checked(bundle):
    text = verify_bundle(bundle)
    assert "a seal is no signature" in text
    assert "note: signature: none" in text
    assert "not checked: whether this code makes these results" in text


def picture(moved=0, shade=0.0, width=40):
    """Return a PNG with a mark that may be moved or shaded."""
    pixels = np.ones((30, width, 3)) - shade
    pixels[10:14, 10 + moved : 14 + moved] = 0
    buffer = io.BytesIO()
    imsave(buffer, pixels, format="png")
    return buffer.getvalue()


@pytest.mark.parametrize("roughly", [True, False])
def test_pictures_drawn_again(roughly):
    assert _another_picture(picture(), picture(), roughly) == ""
    assert _another_picture(picture(shade=0.01), picture(), roughly) == ""  # last digits
    assert "40 x 30, drawn again 50 x 30" in _another_picture(picture(), picture(width=50), roughly)
    moved = _another_picture(picture(moved=2), picture(), roughly)
    assert ("pixels differ by" in moved) is not roughly
    assert "pixels differ by" in _another_picture(picture(shade=0.5), picture(), roughly)
    assert _another_picture(picture(), None, roughly) == ""
