"""Write the files of one exhibit, named after it, beside each other in one folder."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from shidian.errors import NothingToDrawError, ReportError
from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta
from shidian.study.table_formats import FIGURE_ENDINGS, table_formats


def table_file_names(exhibit: str, has_table: bool) -> dict[str, str]:
    """Return format -> file name of what ``write_table_files`` writes."""
    formats = table_formats()
    return {name: f"{exhibit}{one.ending}" for name, one in formats.items() if has_table or one.without_table}


def figure_file_names(exhibit: str) -> dict[str, str]:
    """Return label -> file name of what ``write_figure_files`` writes."""
    return {ending[1:]: f"{exhibit}{ending}" for ending in FIGURE_ENDINGS}


def write_table_files(result: ExhibitResult, meta: ExhibitMeta, folder: str | Path) -> dict[str, Path]:
    """Write an exhibit in every format of tables; where it has no table, in those that need none.

    Returns:
        format -> path.

    Raises:
        ReportError: a format of an extension that gives no bytes.
    """
    names, formats = table_file_names(meta.id, result.table is not None), table_formats()
    contents = {}
    for name in names:
        contents[name] = import_module(formats[name].module).write(result, meta)
        if not isinstance(contents[name], bytes):
            raise ReportError(f"{formats[name].path}: 'write' must return bytes, not {type(contents[name]).__name__}")
    return _write(contents, names, folder)


def write_figure_files(result: ExhibitResult, meta: ExhibitMeta, folder: str | Path) -> dict[str, Path]:
    """Draw the figure as PNG, PDF and SVG; its data stand in the exhibit's workbook.

    An exhibit whose estimates were all refused, or that has none to draw, is drawn as the words that say so.

    Returns:
        label -> path: ``png``, ``pdf``, ``svg``; empty where there is neither a figure nor a refusal.

    Raises:
        ReportError: unknown kind, incomplete data, or no font for Chinese text.
    """
    from shidian.report.figures.draw import draw_figure, draw_refusal, save_pdf, save_png, save_svg

    if result.figure is None and not _refused(result):
        return {}
    reason = " ".join(result.notes)
    drawing, form = None, meta.figure_form
    if result.figure is not None:
        try:
            drawing = draw_figure(result.figure, lang=meta.lang, simulated=meta.simulated, form=form)
        except NothingToDrawError:
            reason = _reasons(result) or reason
    drawing = drawing or draw_refusal(reason, meta.lang)
    contents = {"png": save_png(drawing, form), "pdf": save_pdf(drawing, form), "svg": save_svg(drawing, form)}
    return _write(contents, figure_file_names(meta.id), folder)


def _reasons(result: ExhibitResult) -> str:
    """Return why estimates are missing, each reason once."""
    return "; ".join(dict.fromkeys(reason for reason in result.estimates["reason"].fillna("").astype(str) if reason))


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
