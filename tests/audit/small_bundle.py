"""A small project with one finished study, enough for a bundle that can be broken two hundred times in seconds."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from shidian.audit.bundle.archive import write_sealed
from shidian.audit.bundle.crate import METADATA
from shidian.audit.bundle.write import MANIFEST, write_bundle
from shidian.audit.verify.static import verify
from shidian.errors import AuditError
from shidian.estimates import normalise
from shidian.exhibits.result import Cell, ExhibitResult, Row, Table
from shidian.period import Period
from shidian.report.assemble import assemble_report
from shidian.report.files import write_table_files
from shidian.report.html import render_html
from shidian.report.pdf import render_pdf
from shidian.report.study_report import ExhibitMeta
from shidian.report.word import render_docx
from shidian.study.paths import versions

ROOT = Path(__file__).resolve().parents[2]
RAW = b"code,year,wage\n1,2001,3.5\n"
CLOSED = b"closed,source\n"
SOURCES = (("open", "towns.csv", RAW), ("closed", "secret.csv", CLOSED))
META = {
    "study": "towns", "lang": "en", "simulated": False, "paper": "", "title": "Towns", "description": "Made up.",
    "exhibits": [
        {"study": "towns", "id": "baseline", "lang": "en", "number": "Table 1", "title": "Baseline", "note": "",
         "simulated": False}
    ],
    "sources": [
        {"id": name, "title": f"Towns, {name}", "publisher": "Office", "citation": "Office (2024)", "licence": "CC-BY",
         "url": "", "note": ""}
        for name, _, _ in SOURCES
    ],
    "unit_label": "", "period": asdict(Period()), "individuals": False,
}  # fmt: skip
"""What the plan says of the report."""


def small_result(estimate: float = 0.0693984) -> ExhibitResult:
    """Return a result with two printed numbers."""
    words = {"study": "towns", "exhibit": "baseline", "column": "(1)", "term": "did", "reason": ""}
    frame = pd.DataFrame([{**words, "estimate": estimate, "se": 0.0558596, "seed": 7, "n_obs": 550}])
    rows = (
        Row("Policy", (Cell(f"{estimate:.4f}", ("(1)", "did", "estimate")),)),
        Row("", (Cell("(0.0559)", ("(1)", "did", "se")),)),
    )
    return ExhibitResult(normalise(frame), Table(((("", 1), ("(1)", 1)),), rows), notes=("Made up.",))


class SmallProject:
    """A project folder with sources, code, and the results of one study."""

    def __init__(self, folder: Path, estimate: float = 0.0693984) -> None:
        self.folder = folder
        self.raw = folder / "elsewhere"
        self._write("elsewhere/towns.csv", RAW)
        self._write("elsewhere/secret.csv", CLOSED)
        for name in ("Snakefile", "uv.lock", "pyproject.toml", "LICENSE"):
            self._write(name, (ROOT / name).read_bytes())
        self._write("config/config.yaml", b"studies: [towns]\n")
        self._write(
            "config/studies/towns.yaml", b"study: towns\nseed: 7\nexhibits:\n  - {id: baseline, kind: did_table}\n"
        )
        self._write("workflow/scripts/estimate_exhibit.py", b"print('code')\n")
        self._write("workflow/shidian/exhibits/did/did_table/estimate.py", b"VALUE = 1\n")
        for source, file, content in SOURCES:
            self._add_source(source, file, content)
        self.write_results(estimate)

    def write_results(self, estimate: float) -> None:
        """Write the results of the study."""
        result = small_result(estimate)
        self._write("results/towns/estimates/baseline.json", result.to_json().encode())
        write_table_files(result, ExhibitMeta(**META["exhibits"][0]), self.folder / "results/towns/exhibits")
        self._write("results/towns/ledger.csv", b"step,subject,units,rows,reason\n")
        for name in ("ledger_messages", "traces_messages", "traces"):
            self._write(f"results/towns/{name}.json", b"{}\n")
        pd.DataFrame({"unit": ["1"], "year": [2001], "wage": [3.5]}).to_parquet(
            self.folder / "results/towns/panel.parquet"
        )
        self._write_reports()
        self._write("results/towns/panel_long.parquet", b"values one by one")
        self._write("results/benchmarks/estimate_exhibit/towns_baseline.tsv", b"s\tcpu_time\tmax_rss\n1.5\t1.0\t99\n")

    def _write_reports(self) -> None:
        """Write the reports, as the workflow does."""
        exhibits = self.folder / "results/towns/exhibits"
        report = assemble_report(
            META,
            {"baseline": str(self.folder / "results/towns/estimates/baseline.json")},
            [str(path) for path in sorted(exhibits.iterdir())],
            {name: [{"path": file, "sha256": sha(content), "what": "made up"}] for name, file, content in SOURCES},
            pd.read_csv(self.folder / "results/towns/ledger.csv"),
            {},
            versions(),
            {},
            pd.read_parquet(self.folder / "results/towns/panel.parquet", columns=["unit", "year"]),
        )
        self._write("results/towns/report.html", render_html(report).encode())
        self._write("results/towns/report.pdf", render_pdf(report))
        self._write("results/towns/report.docx", render_docx(report))

    def facts(self) -> dict:
        """Return the facts of the study, as the plan would give them."""
        words = {"publisher": "Office", "citation": "Office (2024)", "licence": "CC-BY", "url": "", "accessed": "2026",
                 "simulated": False, "note": ""}  # fmt: skip
        sources = [
            {"id": name, "title": f"Towns, {name}", **words, "redistributable": name == "open",
             "made": False, "files": [
                {"path": file, "what": "made up", "declared_sha256": sha(content), "on_disk": str(self.raw / file)}]}
            for name, file, content in SOURCES
        ]  # fmt: skip
        printed = [f"results/towns/exhibits/baseline{e}" for e in (".csv", ".tex", ".docx", ".xlsx", "_estimates.csv")]
        exhibit = {
            "id": "baseline", "kind": "did_table", "number": "Table 1", "title": "Baseline", "rule": "estimate_exhibit",
            "script": "workflow/scripts/estimate_exhibit.py", "code": "0123",
            "module": "shidian.exhibits.did.did_table.estimate",
            "result": "results/towns/estimates/baseline.json", "printed": printed,
            "modules": ["shidian.exhibits.did.did_table.estimate"], "scripts": ["estimate_exhibit"],
            "packages": ["numpy"],
        }  # fmt: skip
        return {
            "study": "towns", "title": "Towns", "description": "Made up.", "paper": "", "language": "en",
            "simulated": False, "seed": 7, "studies": ["towns"], "raw_root": str(self.raw), "raw_root_is_apart": True,
            "sources": sources, "exhibits": [exhibit],
            "extensions": [], "extension_folders": [], "report": META,
            "panel": {"modules": ["shidian.panel"], "scripts": ["build_panel"], "packages": ["pandas"]},
        }  # fmt: skip

    def bundle(self, target: Path) -> Path:
        """Write the bundle and return its path."""
        write_bundle(self.facts(), self.folder, self.folder / "results", target)
        return target

    def _add_source(self, source: str, file: str, content: bytes) -> None:
        text = f"source: {source}\nfiles:\n  - {{path: {file}, what: made up, sha256: {sha(content)}}}\n"
        self._write(f"config/sources/{source}.yaml", text.encode())
        noted = json.dumps([{"path": file, "sha256": sha(content), "what": "made up"}])
        self._write(f"results/sources/{source}/1_1.files.json", noted.encode())
        cells = pd.DataFrame({"raw_text": [f"cells one by one: {source}"]})
        cells.to_parquet(self.folder / f"results/sources/{source}/1_1.cells.parquet")

    def _write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def forge(content: dict[str, bytes], path: Path) -> Path:
    """Seal altered members as a forger does: table of outputs, crate and manifest made anew over everything."""
    table = content["audit/exhibit_map.csv"].decode()
    rows = list(csv.reader(io.StringIO(table)))
    for row in rows[1:]:
        row[-1] = sha(content[row[-2]])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    content = {**content, "audit/exhibit_map.csv": out.getvalue().encode()}
    crate = json.loads(content[METADATA])
    for entity in crate["@graph"]:
        if entity["@id"] in content and "sha256" in entity:
            entity["sha256"] = sha(content[entity["@id"]])
    return reseal(path, {**content, METADATA: json.dumps(crate).encode()}, manifest=True)


def edit_zip(content: bytes, old: bytes, new: bytes) -> bytes:
    """Replace a text inside the parts of a Word document or a workbook."""
    assert len(old) == len(new)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        parts = {info.filename: source.read(info) for info in source.infolist()}
        assert any(old in part for part in parts.values())
        for name, part in parts.items():
            target.writestr(name, part.replace(old, new))
    return out.getvalue()


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def members(path: Path) -> dict[str, bytes]:
    """Return the members of a zip."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def reseal(path: Path, content: dict[str, bytes], *, manifest: bool) -> Path:
    """Write members back as a sealed bundle, the manifest made anew where asked for: what a forger can do."""
    if manifest:
        facts = json.loads(content[MANIFEST])
        facts["files"] = {n: {"sha256": sha(c), "size": len(c)} for n, c in content.items() if n != MANIFEST}
        content = {**content, MANIFEST: json.dumps(facts).encode()}
    write_sealed(path, content)
    return path


def faults(path: Path, **options: str) -> str:
    """Return all faults that a verification names, whether it can read the zip or not."""
    try:
        return "\n".join(map(str, verify(path, **options).faults))
    except AuditError as problem:
        return str(problem)
