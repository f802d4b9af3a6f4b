"""Write the files of one exhibit, named after it, beside each other in one folder."""

from __future__ import annotations

from pathlib import Path

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences


def table_file_names(exhibit: str, has_table: bool) -> dict[str, str]:
    """Return label -> file name of what ``write_table_files`` writes."""
    names = {"estimates": f"{exhibit}_estimates.csv", "xlsx": f"{exhibit}.xlsx"}
    if has_table:
        names |= {"csv": f"{exhibit}.csv", "tex": f"{exhibit}.tex", "docx": f"{exhibit}.docx"}
    return names


def figure_file_names(exhibit: str) -> dict[str, str]:
    """Return label -> file name of what ``write_figure_files`` writes."""
    return {"png": f"{exhibit}.png", "pdf": f"{exhibit}.pdf"}


def write_table_files(result: ExhibitResult, meta: ExhibitMeta, folder: str | Path) -> dict[str, Path]:
    """Write estimates (CSV), the exhibit's workbook (Excel) and, where it has a table, CSV, LaTeX and Word.

    Returns:
        label -> path: ``estimates``, ``xlsx`` always; ``csv``, ``tex``, ``docx`` for an exhibit with a table.
    """
    from shidian.report.tables.delimited import frame_csv, table_csv
    from shidian.report.tables.excel import exhibit_xlsx
    from shidian.report.tables.latex import table_latex
    from shidian.report.tables.word import table_docx

    contents = {"estimates": frame_csv(result.estimates), "xlsx": exhibit_xlsx(result, meta)}
    if result.table is not None:
        note = join_note(note_sentences(result, meta, short=True), meta.lang)
        contents["csv"] = table_csv(result.table)
        contents["tex"] = table_latex(result.table, meta.title, note, meta.id).encode("utf-8")
        contents["docx"] = table_docx(result.table, meta.heading, note)
    return _write(contents, table_file_names(meta.id, result.table is not None), folder)


def write_figure_files(result: ExhibitResult, meta: ExhibitMeta, folder: str | Path) -> dict[str, Path]:
    """Draw the figure as PNG and PDF; its data stand in the exhibit's workbook.

    An exhibit whose estimates were all refused is drawn as the words that say so.

    Returns:
        label -> path: ``png``, ``pdf``; empty where there is neither a figure nor a refusal.

    Raises:
        ReportError: unknown kind, incomplete data, or no font for Chinese text.
    """
    from shidian.report.figures.draw import draw_refusal, render_figure, save_pdf, save_png

    if result.figure is None and not _refused(result):
        return {}
    if result.figure is None:
        drawing = draw_refusal(" ".join(result.notes), meta.lang)
        png, pdf = save_png(drawing), save_pdf(drawing)
    else:
        png, pdf = render_figure(result.figure, lang=meta.lang, simulated=meta.simulated)
    return _write({"png": png, "pdf": pdf}, figure_file_names(meta.id), folder)


def _refused(result: ExhibitResult) -> bool:
    rows = result.estimates
    return bool(len(rows)) and bool((rows["estimate"].isna() & rows["reason"].fillna("").ne("")).all())


def _write(contents: dict[str, bytes], names: dict[str, str], folder: str | Path) -> dict[str, Path]:
    paths = {}
    Path(folder).mkdir(parents=True, exist_ok=True)
    for label, content in contents.items():
        paths[label] = Path(folder) / names[label]
        paths[label].write_bytes(content)
    return paths
