"""The Stata do-files of a replication package: one an exhibit, with the command of each column's convention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shidian.audit.replication.model import Model
from shidian.audit.replication.r_scripts import is_text

HEAD = """\
* Exhibit {exhibit}. Run from the folder of the package: do stata/{exhibit}.do
* stata/master.do installs what it needs, runs all exhibits and compares with expected.csv.
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
format estimate se %24.0g
export delimited using "stata/results/{exhibit}.csv", replace
"""
"""Without ``datafmt`` Stata writes every digit of a double: with it, those of the display format only."""

PACKAGES = ("ftools", "reghdfe", "ppmlhdfe", "ranktest", "ivreg2", "ivreghdfe")
"""Packages of SSC that the commands need, those that others need first."""

MASTER = """\
* All exhibits, then their numbers against the study's own (expected.csv). From the folder of the package:
*   do stata/master.do
* Written for Stata 16; not run where this was made.
version 16
set more off
foreach package in {packages} {{
    capture which `package'
    if _rc {{
        ssc install `package'
    }}
}}
{runs}
import delimited using "expected.csv", clear varnames(1) stringcols(1 2 3) asdouble case(preserve) encoding("utf-8")
rename (estimate se n_obs) (expected_estimate expected_se expected_n_obs)
tempfile expected
save `expected'
clear
generate str200 exhibit = ""
tempfile found
save `found', emptyok
foreach exhibit in {exhibits} {{
    use "stata/results/`exhibit'.dta", clear
    generate str200 exhibit = "`exhibit'"
    append using `found'
    save `found', replace
}}
merge 1:1 exhibit column term using `expected'
* a coefficient within 1e-7 of itself or of its error, an error within 1e-6 of itself, the rows exactly; a number that
* is missing on one side differs, but what the study could not estimate Stata omits
generate double of_estimate = abs(estimate - expected_estimate) / max(abs(expected_estimate), expected_se)
generate double of_se = abs(se - expected_se) / expected_se
generate byte differs = !(of_estimate <= 1e-7 & of_se <= 1e-6 & n_obs == expected_n_obs) & _merge != 2
replace differs = 0 if missing(expected_estimate) & (missing(estimate) | se == 0)
format estimate se expected_estimate expected_se of_estimate of_se %24.0g
export delimited using "stata/results/comparison.csv", replace
count if _merge == 2
display as text r(N) " numbers have no command of Stata (see the do-files)"
list exhibit column term estimate expected_estimate se expected_se if differs
count if differs
if r(N) {{
    display as error r(N) " numbers differ from expected.csv"
    exit 9
}}
display as text "all numbers of Stata agree with expected.csv"
"""


def master_file(exhibits: Sequence[str]) -> str:
    """Return the do-file that installs, runs every exhibit and compares with ``expected.csv``."""
    runs = "\n".join(f'do "stata/{exhibit}.do"' for exhibit in exhibits)
    return MASTER.format(packages=" ".join(PACKAGES), runs=runs, exhibits=" ".join(exhibits))


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
