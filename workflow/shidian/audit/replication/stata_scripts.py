"""The Stata do-files of a replication package: one an exhibit, with the command of each column's convention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shidian.audit.replication.model import Model
from shidian.audit.replication.r_scripts import is_text

HEAD = """\
* Exhibit {exhibit}. Run from the folder of the package: do stata/{exhibit}.do
* Packages: ssc install reghdfe, ftools, ppmlhdfe, ivreghdfe, ivreg2, ranktest.
* Written for Stata 16; not run where this was made.
version 16
clear all
set more off
capture mkdir "stata/results"
tempname results
postfile `results' str200 column str80 term double(estimate se n_obs) using "stata/results/{exhibit}.dta", replace
"""

CONVENTIONAL = {"xtreg": "conventional", "areg": "ols"}
"""What unclustered errors are called by the command of a convention; reghdfe says unadjusted."""

FOOT = """
postclose `results'
use "stata/results/{exhibit}.dta", clear
export delimited using "stata/results/{exhibit}.csv", replace datafmt
"""


def do_file(
    exhibit: str, models: Sequence[Model], files: Mapping[str, str], parameters: Mapping[str, tuple[int, int]]
) -> str:
    """Return the do-file that re-estimates the columns of one exhibit.

    Args:
        exhibit: id of the exhibit.
        models: the models of the exhibit.
        files: column -> its data file without ending.
        parameters: column -> parameters counted by the column's convention and by reghdfe, where the two differ and
            no command of Stata counts as the convention does.
    """
    blocks = [_block(model, files[model.column], parameters.get(model.column)) for model in models]
    return HEAD.format(exhibit=exhibit) + "".join(blocks) + FOOT.format(exhibit=exhibit)


def _block(model: Model, file: str, parameters: tuple[int, int] | None) -> str:
    if model.conley:
        return f"\n* {model.column}: Conley errors, which no official command of Stata gives; see the R script\n"
    if model.family in ("logit", "probit") and len(model.vcov.clusters) > 1:
        return f"\n* {model.column}: two ways of clustering, which Stata's {model.family} has not; see the R script\n"
    names = model.names
    codes = list(dict.fromkeys([*model.fixed_effects, *model.vcov.clusters]))
    ids = {name: f"{names[name][:28]}_id" for name in codes if is_text(model, name) or model.family}
    lines = [f"\n* {model.column}: {_words(model)}", f'use "data/{file}.dta", clear']
    for name, number in ids.items():
        known = f' if {names[name]} != ""' if is_text(model, name) else ""
        lines.append(f"egen long {number} = group({names[name]}){known}")
    lines += _without_singletons(model, names | ids)
    lines.append(_command(model, names | ids))
    scale = ""
    if parameters is not None:
        own, theirs = parameters
        command = "Stata's command" if model.family else "reghdfe"
        lines.append(f"* {model.ssc} counts {own} parameters, {command} {theirs}")
        lines.append(f"scalar scale = sqrt((e(N) - {theirs}) / (e(N) - {own}))")
        scale = " * scale"
    for term in model.terms:
        key = names[term]
        numbers = f"(_b[{key}]) (_se[{key}]{scale}) (e(N))"
        lines.append(f'post `results\' (`"{model.column}"\') (`"{term}"\') {numbers}')
    return "\n".join(lines) + "\n"


def _without_singletons(model: Model, names: Mapping[str, str]) -> list[str]:
    """Return the lines that drop singletons where the command of the convention would keep them."""
    if model.singletons == "keep" or model.endogenous or model.ssc not in ("xtreg", "areg") or not model.fixed_effects:
        return []
    y, x = names[model.outcome], " ".join(names[n] for n in model.regressors)
    absorb = " ".join(names[n] for n in model.fixed_effects)
    return [f"quietly reghdfe {y} {x}, absorb({absorb})", "keep if e(sample)"]


def _words(model: Model) -> str:
    effects = ", ".join(model.fixed_effects) or "none"
    return f"effects {effects}; errors {model.vcov.describe()}; convention {model.ssc}"


def _command(model: Model, names: Mapping[str, str]) -> str:
    """Return the estimation command of a model's convention."""
    if model.family:
        return _nonlinear(model, names)
    y, x = names[model.outcome], " ".join(names[n] for n in model.regressors)
    weight = f" [aweight={names[model.weights]}]" if model.weights else ""
    absorb = " ".join(names[n] for n in model.fixed_effects)
    keep = " keepsingletons" if model.singletons == "keep" else ""
    vce = _vce(model, names, CONVENTIONAL.get(model.ssc, "unadjusted") if absorb else "ols")
    if model.endogenous:
        inside = f"({' '.join(names[n] for n in model.endogenous)} = {' '.join(names[n] for n in model.instruments)})"
        if model.ssc == "ivreg2" and not absorb:
            return f"ivreg2 {y} {x} {inside}{weight}, {_iv_errors(model, names)}".replace("  ", " ")
        absorbed = f"absorb({absorb}){keep}" if absorb else "noabsorb"
        return f"ivreghdfe {y} {x} {inside}{weight}, {absorbed} {_iv_errors(model, names)}".replace("  ", " ")
    if not absorb:
        return f"regress {y} {x}{weight}, {vce}"
    first, *others = (names[n] for n in model.fixed_effects)
    more = "".join(f" i.{name}" for name in others)
    if model.ssc == "xtreg":
        return f"xtset {first}\nxtreg {y} {x}{more}{weight}, fe {vce}"
    if model.ssc == "areg":
        return f"areg {y} {x}{more}{weight}, absorb({first}) {vce}"
    return f"reghdfe {y} {x}{weight}, absorb({absorb}){keep} {vce}"


def _nonlinear(model: Model, names: Mapping[str, str]) -> str:
    """Return the command of a Poisson, logit or probit; separated rows are not among the data any more.

    glm with irls takes the expected information, as the convention of fixest does, Stata's probit the observed one.
    """
    y, x = names[model.outcome], " ".join(names[n] for n in model.regressors)
    weight = f" [pweight={names[model.weights]}]" if model.weights else ""
    effects = [names[n] for n in model.fixed_effects]
    if model.family == "poisson" and effects and model.vcov.kind != "iid":
        keep = " keepsingletons" if model.singletons == "keep" else ""
        return f"ppmlhdfe {y} {x}{weight}, absorb({' '.join(effects)}){keep} separation(none) {_vce(model, names, '')}"
    dummies = "".join(f" i.{name}" for name in effects)
    if model.family == "probit" and model.ssc == "fixest":
        return f"glm {y} {x}{dummies}{weight}, family(binomial) link(probit) irls {_vce(model, names, 'eim')}"
    return f"{model.family} {y} {x}{dummies}{weight}, {_vce(model, names, 'oim')}"


def _vce(model: Model, names: Mapping[str, str], conventional: str) -> str:
    if model.vcov.kind == "cluster":
        return f"vce(cluster {' '.join(names[n] for n in model.vcov.clusters)})"
    return "vce(robust)" if model.vcov.kind == "hetero" else f"vce({conventional})"


def _iv_errors(model: Model, names: Mapping[str, str]) -> str:
    if model.vcov.kind == "cluster":
        return f"cluster({' '.join(names[n] for n in model.vcov.clusters)})"
    return "robust" if model.vcov.kind == "hetero" else ""
