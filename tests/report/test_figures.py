"""Figures: what is drawn where, and clear errors."""

import io
import re
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pdfplumber
import pytest
from matplotlib.text import Text
from PIL import Image
from shidian.errors import ReportError
from shidian.exhibits.result import Figure
from shidian.report import fonts
from shidian.report.captions import captions, languages
from shidian.report.figures.draw import draw_figure, render_figure, save_pdf, save_png, save_svg
from shidian.report.figures.grey import grey_of
from shidian.report.figures.smoothing import kernel_density
from shidian.report.figures.style import COLOURS
from shidian.study.kinds import figures as drawn

from . import report_samples as samples

FIGURES = samples.figures()


def test_every_kind_has_a_sample():
    assert set(FIGURES) == set(drawn())


@pytest.mark.parametrize("kind", sorted(FIGURES))
def test_every_kind_draws_in_chinese_without_a_missing_glyph(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        png, pdf = render_figure(FIGURES[kind], lang="zh", simulated=True)
    image = Image.open(io.BytesIO(png))
    image.load()
    assert image.width == 1890  # 6.3 inches at 300 dpi
    assert image.info.keys() <= {"dpi"}
    assert pdf.startswith(b"%PDF")
    assert b"CreationDate" not in pdf
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        assert "模拟数据" in document.pages[0].extract_text()


def test_event_study_draws_points_reference_and_binned_ends():
    (axes,) = draw_figure(FIGURES["event_study"]).axes
    points = FIGURES["event_study"].data["points"]
    estimated = points[~points["is_reference"]]
    (bars,) = axes.containers
    assert bars.lines[0].get_xdata().tolist() == estimated["tau"].tolist()
    assert bars.lines[0].get_ydata().tolist() == estimated["estimate"].tolist()
    segments = [segment[:, 1].tolist() for segment in bars.lines[2][0].get_segments()]
    np.testing.assert_allclose(segments, estimated[["ci_low", "ci_high"]], atol=1e-15)
    reference = next(line for line in axes.lines if line.get_label() == "Reference period")
    assert (reference.get_xdata().tolist(), reference.get_ydata().tolist()) == ([-1], [0.0])
    texts = [label.get_text() for label in axes.get_xticklabels()]
    assert texts == ["≤−4", "−3", "−2", "−1", "0", "1", "2", "≥3"]
    assert axes.get_ylabel() == "Effect on ln(CO2) $x$, 95% interval"


def test_the_simultaneous_band_stands_behind_the_pointwise_intervals():
    points = FIGURES["event_study"].data["points"]
    banded = points.assign(band_low=points["ci_low"] - 0.01, band_high=points["ci_high"] + 0.01)
    drawing = draw_figure(replace(FIGURES["event_study"], data={"points": banded}))
    (axes,) = drawing.axes
    wide, narrow = (box.lines[2][0].get_segments() for box in axes.containers)
    assert all(w[0, 1] < n[0, 1] < n[1, 1] < w[1, 1] for w, n in zip(wide, narrow, strict=True))
    texts = [text.get_text() for text in drawing.legends[0].get_texts()]
    assert set(texts) == {"Reference period", "Pointwise interval", "Simultaneous band (sup-t)"}


def test_grey_figures_have_no_colour_and_tell_their_lines_apart():
    image = Image.open(io.BytesIO(save_png(draw_figure(FIGURES["trend"], form={"greyscale": True}))))
    red, green, blue = (np.asarray(image.convert("RGB"))[..., i].astype(int) for i in range(3))
    assert (red == green).all()
    assert (green == blue).all()
    shades = [grey_of(colour)[0] for colour in COLOURS]
    assert len({round(shade, 2) for shade in shades}) == len(shades)
    assert grey_of((0, 0, 0, 0))[3] == 0


def test_svg_has_its_words_as_text():
    drawing = draw_figure(FIGURES["trend"], lang="zh", simulated=True)
    text = save_svg(drawing).decode("utf-8")
    assert ">模拟数据" in text
    assert "STIXGeneral" in text
    assert "dc:date" not in text
    assert text == save_svg(draw_figure(FIGURES["trend"], lang="zh", simulated=True)).decode("utf-8")


def test_a_density_within_bounds_integrates_to_one_there():
    values = np.array([0.02, 0.05, 0.1, 0.3, 0.9, 0.97])
    grid, density = kernel_density(values, bounds=(0.0, 1.0))
    assert (grid[0], grid[-1]) == (0.0, 1.0)
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=0.01)
    (axes,) = draw_figure(
        Figure("density", {"values": pd.DataFrame({"group": "a", "value": values})}, {"bounds": [0.0, None]})
    ).axes
    assert axes.lines[0].get_xdata().min() == 0.0


def test_event_study_skips_a_period_without_estimate():
    figure = FIGURES["event_study"]
    points = figure.data["points"].assign(estimate=lambda p: p["estimate"].where(p["tau"] != 2))
    (axes,) = draw_figure(replace(figure, data={"points": points}, options={})).axes
    assert 2 not in axes.containers[0].lines[0].get_xdata()
    assert [label.get_text() for label in axes.get_xticklabels()][-1] == "3"


def test_placebo_draws_truth_p_values_and_density():
    left, right = draw_figure(FIGURES["placebo"]).axes
    lines = {line.get_label(): line for line in (*left.lines, *right.lines)}
    assert lines["Observed estimate (−0.0500)"].get_xdata() == [-0.05, -0.05]
    assert lines["p = 0.1"].get_ydata() == [0.1, 0.1]
    draws = FIGURES["placebo"].data["draws"]
    assert lines["p-values (right axis)"].get_xydata().tolist() == draws[["estimate", "p"]].to_numpy().tolist()
    area = sum(bar.get_width() * bar.get_height() for bar in left.patches)
    assert area == pytest.approx(1)
    grid, density = lines["Kernel density"].get_data()
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=0.01)


def test_bacon_shows_weights_by_type_and_the_coefficient():
    (axes,) = draw_figure(FIGURES["bacon"]).axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == [
        "Treated vs never treated (weight 0.900)", "Earlier vs later treated (weight 0.100)",
        "Two-way fixed effects 0.0600",
    ]  # fmt: skip
    assert axes.collections[0].get_offsets().tolist() == [[0.6, 0.08], [0.3, 0.05]]


def test_treatment_timing_stacks_the_whole_sample():
    upper, lower = draw_figure(FIGURES["treatment_timing"]).axes
    assert [text.get_text() for text in upper.texts] == ["5", "3"]
    tops = np.sum([[bar.get_height() for bar in container] for container in lower.containers], axis=0)
    assert tops.tolist() == [20] * 10


def test_likelihood_ratio_has_the_critical_value_and_a_panel_a_threshold():
    panels = draw_figure(FIGURES["lr_curve"]).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["first", "second"]
    assert [axes.get_xlabel() for axes in panels] == ["Threshold"] * 2
    legend = [text.get_text() for text in panels[0].figure.legends[0].get_texts()]
    assert legend == ["5% critical value 7.35", "Confidence set"]
    assert panels[0].lines[1].get_ydata() == [7.35, 7.35]
    assert -2 * np.log(1 - np.sqrt(0.95)) == pytest.approx(7.35, abs=5e-3)  # Hansen (1999)
    assert panels[1].texts[0].get_text().strip() == "0.7"


def test_balance_and_coefficient_plot_keep_their_order():
    (axes,) = draw_figure(FIGURES["balance"]).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["经济", "fin"]
    assert axes.yaxis_inverted()
    drawing = draw_figure(FIGURES["coefficient_plot"])
    assert [t.get_text() for t in drawing.legends[0].get_texts()] == ["TWFE", "Sun–Abraham"]


def test_density_integrates_to_one_and_refuses_a_constant():
    values = np.array([0.0, 1.0, 1.5, 4.0])
    grid, density = kernel_density(values)
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=0.01)
    constant = Figure("density", {"values": pd.DataFrame({"group": ["a", "a"], "value": [1.0, 1.0]})})
    with pytest.raises(ReportError, match="group 'a' do not vary"):
        draw_figure(constant)


def test_unknown_kind_names_the_nearest():
    with pytest.raises(
        ReportError, match=r"no figure of kind 'event_studies'.*did you mean 'event_study'.*one of bacon"
    ):
        draw_figure(Figure("event_studies", {}))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "no data frame 'points'; it has none"),
        ({"point": pd.DataFrame()}, "did you mean 'point'"),
        (
            {"points": pd.DataFrame({"tau": [1], "estimate": [1.0]})},
            "lacks ci_low, ci_high, is_reference; its columns are",
        ),
        ({"points": FIGURES["event_study"].data["points"].head(0)}, "'points' has no rows"),
    ],
)
def test_incomplete_data_are_named(data, message):
    with pytest.raises(ReportError, match=re.escape(message)):
        draw_figure(Figure("event_study", data))


def test_a_missing_chinese_font_is_an_error_only_when_it_is_needed(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "packaged_folder", lambda: tmp_path)
    monkeypatch.setattr(fonts, "_SYSTEM_FOLDERS", (str(tmp_path),))
    fonts.cjk_font.cache_clear()
    try:
        assert fonts.cjk_font() is None
        draw_figure(FIGURES["bacon"], lang="en")
        with pytest.raises(ReportError, match=r"figure of kind 'trend'.*uv sync.*apt-get install fonts-noto-cjk"):
            draw_figure(FIGURES["trend"], lang="en")
        with pytest.raises(ReportError, match="fonts-noto-cjk"):
            draw_figure(FIGURES["bacon"], lang="zh")
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "NotoSansSC-Regular.otf").touch()
        fonts.cjk_font.cache_clear()
        assert fonts.cjk_font() == fonts.Font("Noto Sans SC", tmp_path / "deep" / "NotoSansSC-Regular.otf")
    finally:
        fonts.cjk_font.cache_clear()


def test_the_users_own_settings_do_not_matter():
    import matplotlib as mpl

    figure = FIGURES["bacon"]
    plain = save_png(draw_figure(figure)), save_pdf(draw_figure(figure))
    with mpl.rc_context({"figure.figsize": (2, 2), "font.size": 20, "savefig.dpi": 30, "axes.grid": True}):
        assert (save_png(draw_figure(figure)), save_pdf(draw_figure(figure))) == plain
        assert mpl.rcParams["font.size"] == 20


def test_both_languages_hold_the_same_captions():
    english, chinese = (captions(lang) for lang in languages())
    assert english.keys() == chinese.keys()
    assert not set(english) & set(dir({})), "a template would find the dictionary's method instead"
    with pytest.raises(ReportError, match=r"'ch' is not a language.*one of en, zh"):
        captions("ch")


def test_placebo_without_an_estimate_is_refused():
    figure = FIGURES["placebo"]
    data = {**figure.data, "draws": figure.data["draws"].assign(estimate=np.nan)}
    with pytest.raises(ReportError, match="no draw has an estimate"):
        draw_figure(replace(figure, data=data))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_font_in_a_pdf_has_true_type_outlines(lang):
    """Publishers refuse Type 3, and a CFF font said to be TrueType is no valid PDF."""
    import zlib

    pdf = render_figure(samples.figures()["trend"], lang=lang, simulated=True)[1]
    assert b"/Subtype /Type3" not in pdf
    streams = re.findall(rb"/Length1 \d+.*?stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    fonts = [zlib.decompress(stream) for stream in streams]
    assert len(fonts) == 2  # Latin and, in the names of the groups, Chinese
    assert {font[:4] for font in fonts} == {b"\x00\x01\x00\x00"}
    assert not any(b"CFF " in font[:400] for font in fonts)


def test_a_letter_under_a_bar_is_set_as_mathematics():
    label = "M̄ = 5 $ of é"
    frame = FIGURES["honest_did"].data["intervals"]
    figure = Figure("honest_did", {"intervals": frame}, {"titles": ["M̄", label]})
    drawing = draw_figure(figure)
    (text,) = [one for one in drawing.findobj(Text) if "overline" in one.get_text()]
    assert text.get_text() == r"$\overline{\mathrm{M}}$ = 5 \$ of é"
    drawing.canvas.draw()  # the mathematics can be read
    assert "̄" not in save_svg(drawing).decode("utf-8")
    chinese = draw_figure(Figure("honest_did", {"intervals": frame}, {"titles": ["M̄", "幅度 M̄"]}), lang="zh")
    (text,) = [one for one in chinese.findobj(Text) if "overline" in one.get_text()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(save_png(chinese)) > 1000
    assert "CJK" in text.get_fontfamily()[0]
