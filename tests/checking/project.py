"""A small project with one source of two yearly CSV files and one workbook, for the commands on sources."""

from pathlib import Path

import pytest
import xlsxwriter
import yaml

CITIES = ("石家庄市", "唐山市", "秦皇岛市", "邯郸市", "邢台市", "保定市", "张家口市", "承德市", "沧州市", "廊坊市")
YEARS = range(2010, 2016)
CONFIG = "studies: [none]\nraw_data: raw\n"
HEAD = {
    "title": "Made", "publisher": "tests", "citation": "none", "licence": "CC0", "url": "", "accessed": "2026-11",
    "redistributable": True,
}  # fmt: skip
FLAT = {
    "layout": "flat", "unit": {"level": "city", "name": "city"}, "year": {"header": "year"},
    "columns": {
        "gdp": {"header": "gdp", "measure": "亿元", "missing": ["", "-"]},
        "people": {"header": "people", "measure": "万人"},
    },
}  # fmt: skip
NO_CORRECTIONS = "# How it is done here.\ncorrections: []   # none yet\n# the end\n"


def rows(years=YEARS) -> list[list[object]]:
    """A row a city and year; both series grow, each in its own way."""
    made: list[list[object]] = []
    for year in years:
        for i, city in enumerate(CITIES):
            gdp = round((300 + 71 * i) * 1.08 ** (year - 2010) + 3 * ((i * year) % 5), 1)
            made.append([city, year, gdp, 400 + 37 * i + 3 * (year - 2010)])
    return made


def write_csv(path: Path, lines: list[list[object]]) -> None:
    """Write a CSV file with the headers of the source."""
    texts = [",".join(map(str, line)) for line in [["city", "year", "gdp", "people"], *lines]]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")


def write_workbook(path: Path, lines: list[list[object]], sheet: str = "全市") -> None:
    """Write the same as a workbook."""
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet(sheet)
    for r, line in enumerate([["city", "year", "gdp", "people"], *lines]):
        page.write_row(r, 0, line)
    book.close()


class Project:
    """The folder of the project, its files, and the command line in it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.capsys = root, capsys
        for folder in ("config/sources", "raw"):
            (root / folder).mkdir(parents=True)
        (root / "config" / "config.yaml").write_text(CONFIG, encoding="utf-8")
        self.corrections = root / "config" / "corrections.yaml"
        self.corrections.write_text(NO_CORRECTIONS, encoding="utf-8")

    def source(self, name: str, files: list[str], table: dict | None = None) -> None:
        """Declare a source."""
        content = {"source": name, **HEAD, "files": [{"path": file, "what": "made"} for file in files]}
        content["tables"] = [table or FLAT]
        path = self.root / "config" / "sources" / f"{name}.yaml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return its exit code, and what it printed to both streams."""
        from shidian.cli import main

        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = self.capsys.readouterr()
        return code, out, err

    @property
    def entries(self) -> list[dict[str, str]]:
        """The corrections as they stand in the file."""
        return yaml.safe_load(self.corrections.read_text(encoding="utf-8"))["corrections"]
