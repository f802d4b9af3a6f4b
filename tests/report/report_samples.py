"""A small study's report with every kind of exhibit, built from fixed numbers: what the renderers are tested on."""

from functools import cache

import numpy as np
import pandas as pd
from shidian.estimates import Fit, missing
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, Table, no_estimates
from shidian.ledger import ledger_frame, ledger_row
from shidian.report.figures.draw import render_figure
from shidian.report.study_report import (
    ExhibitMeta,
    ReportExhibit,
    Source,
    SourceFile,
    StudyReport,
    number_exhibits,
)

TEXT_WITH_EVERYTHING = 'R&D_share 50% #1 {x} ~ ^ \\ $5 <b>"人均"</b> [a]'


def fit(terms, coef, se, df=279.0):
    return Fit(
        tuple(terms), np.array(coef), np.diag(np.square(se)), df, 4200, 280, 280, 3, 12, 0.895, 0.034,
        "clustered by city (CRV1)", "reghdfe", 7,
    )  # fmt: skip


def baseline():
    """Two columns, one missing estimate, texts that every format must escape."""
    estimates = pd.concat(
        [
            fit(["did"], [0.01731234567891], [0.0051]).long("demo", "baseline", "c1"),
            fit(["did", "eco"], [-0.0143, 0.5], [0.0049, 0.25], np.inf).long("demo", "baseline", "c2"),
            missing("demo", "baseline", "c2", "fin", "collinear with eco"),
        ],
        ignore_index=True,
    )
    rows = (
        Row("Panel A. 基准回归", (Cell(""), Cell(""))),
        Row("试点 DID", (Cell("0.0173***", ("c1", "did", "estimate")), Cell("-0.0143***", ("c2", "did", "estimate")))),
        Row("", (Cell("(0.0051)", ("c1", "did", "se")), Cell("(0.0049)", ("c2", "did", "se")))),
        Row(TEXT_WITH_EVERYTHING, (Cell(""), Cell("0.5000**", ("c2", "eco", "estimate")))),
        Row("fin", (Cell(""), Cell("—", ("c2", "fin", "reason")))),
        Row("N", (Cell("4,200", ("c1", "did", "n_obs")), Cell("4,200", ("c2", "did", "n_obs"))), rule_above=True),
    )
    table = Table(((("", 1), ("ln(CO2)", 2)), (("", 1), ("(1)", 1), ("(2)", 1))), rows)
    return ExhibitResult(
        estimates,
        table,
        notes=("样本：280 个城市", "</script><script>alert(1)</script>"),
        warnings=("no <never> treated",),
    )


def wide():
    """Twelve columns: wider than a page."""
    header = (
        (("", 1), ("East", 4), ("Central", 4), ("West", 4)),
        (("", 1), *((f"({i})", 1) for i in range(1, 13))),
    )
    rows = tuple(Row(f"Variable number {i}", tuple(Cell(f"-{i}.{j:04d}***") for j in range(12))) for i in range(3))
    return ExhibitResult(no_estimates(), Table(header, rows))


def prose():
    """A column of sentences, which must wrap, and more rows than a page holds."""
    sentence = "The published table rounds half away from zero; the text says otherwise, at some length. " * 2
    rows = tuple(Row(f"number {i}", (Cell("0.069"), Cell(sentence if i % 9 == 0 else ""))) for i in range(60))
    return ExhibitResult(no_estimates(), Table(((("Quantity", 1), ("Ours", 1), ("Why", 1)),), rows))


def figures():
    """Figure kind -> a figure of that kind."""
    tau = np.arange(-4, 4)
    effect = 0.01 * np.maximum(tau + 1, 0) - 0.005
    points = pd.DataFrame({"tau": tau, "estimate": effect, "ci_low": effect - 0.02, "ci_high": effect + 0.02})
    points["is_reference"] = points["tau"] == -1
    points.loc[points["is_reference"], ["estimate", "ci_low", "ci_high"]] = [0.0, np.nan, np.nan]
    draws = np.sin(np.arange(1, 121)) / 50
    grid = np.linspace(0, 1, 50)
    years = np.arange(2003, 2013)
    return {
        "event_study": Figure("event_study", {"points": points}, {"ends": "bin", "outcome": "ln(CO2) $x$"}),
        "bacon": Figure(
            "bacon",
            {
                "pairs": pd.DataFrame({
                    "type": ["Treated vs never treated", "Earlier vs later treated", "Treated vs never treated"],
                    "weight": [0.6, 0.1, 0.3], "estimate": [0.08, -0.03, 0.05],
                })
            },
            {"beta": 0.06},
        ),
        "treatment_timing": Figure("treatment_timing", {
            "cohorts": pd.DataFrame({"adoption_year": [2010, 2012, None], "units": [5, 3, 12]}),
            "status": pd.DataFrame({
                "year": years, "treated": np.where(years < 2010, 0, np.where(years < 2012, 5, 8)),
                "not_yet": np.where(years < 2010, 8, np.where(years < 2012, 3, 0)), "never": 12,
            }),
        }),
        "coverage": Figure("coverage", {
            "cells": pd.DataFrame({"row": ["经济", "经济", "fin", "fin"], "year": [2010, 2011] * 2,
                                   "value": [1.0, 0.5, 0.0, 0.25]}),
        }, {"colour_label": "Share of units with a value"}),
        "placebo": Figure("placebo", {
            "draws": pd.DataFrame({"draw": range(120), "estimate": draws, "p": np.abs(np.cos(np.arange(120)))}),
            "observed": pd.DataFrame({"estimate": [-0.05], "se": [0.01]}),
        }),
        "coefficient_plot": Figure("coefficient_plot", {
            "points": pd.concat([points.assign(estimator=name) for name in ("TWFE", "Sun–Abraham")]),
        }),
        "honest_did": Figure("honest_did", {
            "intervals": pd.DataFrame({
                "restriction": ["平行趋势", "M̄", "M̄"], "value": [0.0, 0.5, 1.0], "estimate": [0.05] * 3,
                "ci_low": [0.01, -0.02, -0.05], "ci_high": [0.09, 0.12, 0.15],
            }),
        }),
        "dagum_gini": Figure("dagum_gini", {
            "ginis": pd.DataFrame({"group": ["全部", "全部", "东部", "东部"], "year": [2010, 2011] * 2,
                                   "value": [0.4, 0.38, 0.3, 0.31]}),
            "shares": pd.DataFrame({"group": ["组内", "组内", "组间", "组间"], "year": [2010, 2011] * 2,
                                    "value": [30.0, 32, 70, 68]}),
        }, {"gini_label": "基尼系数", "share_label": "贡献率（%）"}),
        "sigma_convergence": Figure("sigma_convergence", {
            "lines": pd.DataFrame({"group": ["全部"] * 3, "year": [2010, 2011, 2012], "value": [0.5, 0.45, 0.44]}),
        }, {"y_label": "标准差"}),
        "pretrend_power": Figure("pretrend_power", {
            "points": points[["tau", "estimate", "ci_low", "ci_high"]],
            "lines": pd.DataFrame({
                "violation": "检出率 50%", "tau": [-2, -1, 0, 1], "line": [-0.01, 0.0, 0.01, 0.02],
                "passing": [-0.008, 0.0, 0.012, 0.024],
            }),
        }),
        "synthetic_weights": Figure("synthetic_weights", {
            "points": pd.concat([points.assign(estimator=name) for name in ("合成双重差分", "DID")]),
            "units": pd.DataFrame({"unit": ["北京市", "天津市"], "weight": [0.7, 0.3]}),
            "periods": pd.DataFrame({"tau": [-3, -2, -1], "weight": [0.2, 0.0, 0.8]}),
        }),
        "twfe_weights": Figure("twfe_weights", {
            "weights": pd.DataFrame({"estimator": "双向固定效应", "weight": np.linspace(-0.2, 2.2, 60)}),
        }),
        "placebo_event_study": Figure("placebo_event_study", {
            "points": pd.DataFrame({
                "tau": [-2, 0, 1], "estimate": [0.0, 0.02, 0.04], "ci_low": [-0.02, 0.0, 0.02],
                "ci_high": [0.02, 0.04, 0.06],
            }),
            "bands": pd.DataFrame({
                "tau": [-2, 0, 1], "low": [-0.03] * 3, "lower": [-0.02] * 3, "middle": [0.0] * 3,
                "upper": [0.02] * 3, "high": [0.03] * 3,
            }),
        }, {"reference": [-1], "binned": True}),
        "trend": Figure("trend", {
            "lines": pd.DataFrame({
                "group": np.repeat(["东部", "西部"], len(years)), "year": np.tile(years, 2),
                "value": np.r_[years - 2000, years - 2001],
            }),
        }, {"marks": [2010]}),
        "density": Figure("density", {
            "values": pd.DataFrame({"group": np.repeat([2007, 2021], 60), "value": np.abs(draws)}),
        }),
        "balance": Figure("balance", {
            "covariates": pd.DataFrame({"covariate": ["经济", "fin"], "before": [42.0, -23.0], "after": [3.0, -1.0]}),
        }),
        "lr_curve": Figure("lr_curve", {
            "curve": pd.DataFrame({
                "threshold": np.repeat(["first", "second"], 50), "gamma": np.tile(grid, 2),
                "lr": np.r_[100 * (grid - 0.3) ** 2, 100 * (grid - 0.7) ** 2],
            }),
            "estimates": pd.DataFrame({
                "threshold": ["first", "second"], "gamma": [0.3, 0.7], "ci_low": [0.1, 0.6], "ci_high": [0.4, 0.8],
            }),
        }),
        "weights_curve": Figure("weights_curve", {
            "curve": pd.DataFrame({
                "model": np.repeat(["sar", "sdm"], 11), "a": np.tile(np.arange(11) / 10, 2),
                "aic": np.r_[np.arange(11) - 5.0, -np.arange(11)] ** 2, "bic": np.arange(22.0),
            }),
        }),
        "weights_matrix": Figure("weights_matrix", {
            "cells": pd.DataFrame({
                "matrix": np.repeat(["geographic", "composite"], 9), "row": np.tile(np.repeat([0, 1, 2], 3), 2),
                "column": np.tile([0, 1, 2], 6), "weight": np.tile([0, 0.9, 0.1, 0.5, 0, 0.5, 0.001, 0.999, 0], 2),
            }),
            "profile": pd.DataFrame({
                "matrix": np.repeat(["geographic", "composite"], 3), "km": np.tile([250.0, 500.0, 750.0], 2),
                "share": [0.6, 0.3, 0.1, 0.4, 0.3, 0.3],
            }),
        }, {"a": "0.6"}),
        "moran_scatter": Figure("moran_scatter", {
            "points": pd.DataFrame({
                "year": np.repeat([2007, 2021], 60), "z": draws * 50, "lag": np.abs(draws) * 20,
                "cluster": np.tile(["High-High", "not significant"], 60),
            }),
            "slopes": pd.DataFrame({"year": [2007, 2021], "I": [0.2, -0.1], "p_permutation": [0.001, np.nan]}),
        }, {"variable": "绿色创新效率"}),
        "map": Figure("map", {
            "units": pd.DataFrame({
                "year": [2007, 2007, 2021, 2021], "unit": ["340100", "110000"] * 2, "class": [0, 1, -1, 1],
                "treated": [False, False, True, False],
            }),
            "classes": pd.DataFrame({"class": [0, 1], "label": ["0 – 1", "1 – 2"]}),
        }, {"variable": "绿色创新效率", "treated_label": "试点"}),
    }  # fmt: skip


@cache
def study_report(lang="en", simulated=True):
    """A report with tables, figures, a ledger and sources; drawn once, so change copies of it only."""
    results = {"baseline": baseline(), "wide": wide(), "prose": prose()}
    chosen = {kind: figures()[kind] for kind in ("event_study", "placebo")}
    results |= {kind: ExhibitResult(no_estimates(), figure=figure) for kind, figure in chosen.items()}
    exhibits = []
    for id_, result in results.items():
        meta = ExhibitMeta("demo", id_, "", f"Title of {id_} 标题", lang, simulated)
        png, pdf = render_figure(result.figure, lang=lang, simulated=simulated) if result.figure else (None, None)
        traces = {"c1": (("Outcome", "ln(CO2)"),)} if id_ == "baseline" else {}
        ending = "png" if result.figure else "csv"
        exhibits.append(ReportExhibit(meta, result, {ending: f"exhibits/{id_}.{ending}"}, png, pdf, traces))
    ledger = ledger_frame([ledger_row("match", "延边朝鲜族自治州", "no row in the workbook", units=1)])
    files = (SourceFile("面板.xlsx", "ab" * 32, "the workbook"),)
    sources = (
        Source("edgar", "EDGAR 碳排放", "JRC", "CC BY 4.0", files, "https://edgar.jrc.ec.europa.eu", "cited", "a note"),
    )
    return StudyReport(
        "demo", "Low-carbon pilots 低碳试点", number_exhibits(exhibits), lang, simulated, ledger, sources,
        (("pandas", "3.1.1"),), ("113 pilots.",),
    )  # fmt: skip
