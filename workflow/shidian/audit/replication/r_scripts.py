"""The R scripts of a replication package: one an exhibit, which call the functions of ``estimate.R``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from shidian.audit.replication.model import Model

LIBRARY = Path(__file__).with_name("estimate.R")


def r_script(exhibit: str, models: Sequence[Model], files: Mapping[str, str]) -> str:
    """Return the script that re-estimates the columns of one exhibit; it is run from the folder of the package.

    Args:
        exhibit: id of the exhibit.
        models: the models of the exhibit.
        files: column -> its data file without ending.
    """
    calls = ",\n".join(_call(exhibit, model, files[model.column]) for model in models)
    return (
        f"# Exhibit {exhibit}. Run from the folder of the package: Rscript r/{exhibit}.R\n"
        f'source("r/estimate.R")\n\nresults <- rbind(\n{calls}\n)\n'
        f'write_results(results, "r/results/{exhibit}.csv")\n'
    )


def _call(exhibit: str, model: Model, file: str) -> str:
    names = model.names
    arguments = {
        "exhibit": text(exhibit), "column": text(model.column), "data": text(f"data/{file}.csv"),
        "texts": _vector(names[n] for n in model.columns if is_text(model, n)),
        "outcome": text(names[model.outcome]), "regressors": _vector(names[n] for n in model.regressors),
        "terms": f"c({', '.join(f'{text(n)} = {text(names[n])}' for n in model.terms)})",
        "effects": _vector(names[n] for n in model.fixed_effects), "errors": text(model.vcov.kind),
        "clusters": _vector(names[n] for n in model.vcov.clusters), "convention": text(model.ssc),
        "singletons": text(model.singletons),
    }  # fmt: skip
    if model.weights:
        arguments["weights"] = text(names[model.weights])
    if model.family:
        arguments["family"] = text(model.family)
    if model.endogenous:
        arguments["endogenous"] = _vector(names[n] for n in model.endogenous)
        arguments["instruments"] = _vector(names[n] for n in model.instruments)
    if model.conley:
        place = _vector(names[n] for n in (model.conley.longitude, model.conley.latitude))
        arguments |= {"errors": text("conley"), "convention": text("none"), "clusters": "c()"}
        arguments["conley"] = (
            f"list(unit = {text(names['unit'])}, year = {text(names['year'])}, place = {place}, "
            f"km = {model.conley.cutoff_km!r}, kernel = {text(model.conley.kernel)}, lags = {model.conley.lags})"
        )
    return "  regression(\n" + ",\n".join(f"    {key} = {value}" for key, value in arguments.items()) + "\n  )"


def is_text(model: Model, name: str) -> bool:
    """Say whether a column of a model's data file holds texts (codes with leading zeros, names)."""
    return model.frame[name].dtype.kind not in "iufb"


def text(value: str) -> str:
    """Return a text as R writes it between quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _vector(values: Iterable[str]) -> str:
    return f"c({', '.join(map(text, values))})"
