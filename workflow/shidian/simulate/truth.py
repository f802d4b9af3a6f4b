"""The planted truth of a study, read from config/truth/<study>.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shidian.errors import SimulationError, nearest
from shidian.schema import check, read_schema, read_yaml
from shidian.simulate.moments import Moments
from shidian.simulate.structure import Equation

TRUTH = Path(__file__).resolve().parents[3] / "config" / "truth"


@dataclass(frozen=True)
class Policy:
    """Who is treated when.

    Attributes:
        name: name of the 0/1 treatment.
        policy: name of the policy.
        pilots: name of the real pilot list, or None.
        batches: year -> number of units whose year is simulated.
        pool: ``undated`` or ``untreated``.
        never: codes never treated.
        selection: variable -> coefficient in the log odds of being drawn.
        limited: in a small world, a batch takes what its pool has left; else that is an error.
    """

    name: str
    policy: str
    pilots: str | None
    batches: Mapping[int, int]
    pool: str
    never: tuple[str, ...]
    selection: Mapping[str, float]
    limited: bool = False


@dataclass(frozen=True)
class Baseline:
    """The baseline regression and the effect planted in it."""

    outcome: str
    regressor: str
    controls: tuple[str, ...]
    fixed_effects: tuple[str, ...]
    planted: float
    printed: float | None


@dataclass(frozen=True)
class Truth:
    """One study's structural process.

    Attributes:
        study: id.
        unit: city, county or province.
        first, last: years of the sample.
        only: codes of the only units used, empty = all.
        excluded: codes left out.
        treatment: the policy.
        covariates: variable -> moments, in the order drawn.
        equations: outcome -> equation, in the order solved.
        parameters: other numbers.
        baseline: the baseline regression.
        printed: variables whose moments the study prints.
        raw: the file as read, written beside the workbooks.
    """

    study: str
    unit: str
    first: int
    last: int
    only: tuple[str, ...]
    excluded: tuple[str, ...]
    treatment: Policy
    covariates: Mapping[str, Moments]
    equations: Mapping[str, Equation]
    parameters: Mapping[str, float]
    baseline: Baseline
    printed: Mapping[str, Moments]
    raw: Mapping[str, Any]

    def parameter(self, name: str) -> float:
        """Return one parameter."""
        if name not in self.parameters:
            raise SimulationError(
                f"config/truth/{self.study}.yaml: no parameter '{name}'{nearest(name, self.parameters)}"
            )
        return self.parameters[name]


def studies() -> tuple[str, ...]:
    """Return the ids of the studies that have a truth."""
    return tuple(sorted(path.stem for path in TRUTH.glob("*.yaml")))


def load_truth(study: str) -> Truth:
    """Read and check the truth of a study.

    Raises:
        SimulationError: there is none, it breaks its schema, or its name is not that of its file.
    """
    if study not in studies():
        raise SimulationError(f"no planted truth for the study '{study}'{nearest(study, studies())}")
    return parse_truth(read_yaml(TRUTH / f"{study}.yaml", SimulationError), f"config/truth/{study}.yaml")


def parse_truth(raw: Mapping[str, Any], where: str) -> Truth:
    """Check a truth against its schema and give it types."""
    check(raw, read_schema("truth"), where, error=SimulationError)
    if not where.endswith(f"{raw['study']}.yaml"):
        raise SimulationError(f"{where}: the file says that it is the truth of '{raw['study']}'")
    sample = raw.get("sample", {})
    excluded = [code for entry in sample.get("exclude", []) for code in entry["units"]]
    covariates = {name: _moments(spec) for name, spec in raw["covariates"].items()}
    equations = {
        name: Equation(
            name, _moments(e["moments"]), e["terms"], e["noise"], e.get("persistence", 0.4), e.get("drift", 0.0)
        )
        for name, e in raw["equations"].items()
    }
    specs = {**raw["covariates"], **{name: e["moments"] for name, e in raw["equations"].items()}}
    return Truth(
        study=raw["study"], unit=raw["unit"], first=raw["years"]["first"], last=raw["years"]["last"],
        only=tuple(sample.get("only", ())), excluded=tuple(excluded), treatment=_policy(raw["treatment"]),
        covariates=covariates, equations=equations,
        parameters={name: float(p["value"]) for name, p in raw.get("parameters", {}).items()},
        baseline=_baseline(raw["baseline"]),
        printed={n: _moments(spec) for n, spec in specs.items() if spec.get("printed", True)},
        raw=raw,
    )  # fmt: skip


def _policy(raw: Mapping[str, Any]) -> Policy:
    return Policy(
        raw["name"], raw.get("policy", ""), raw.get("list"), {int(y): n for y, n in raw["batches"].items()},
        raw.get("pool", "untreated"), tuple(raw.get("never", ())), raw.get("selection", {}),
    )  # fmt: skip


def _baseline(raw: Mapping[str, Any]) -> Baseline:
    controls, effects = tuple(raw["controls"]), tuple(raw["fixed_effects"])
    return Baseline(raw["outcome"], raw["regressor"], controls, effects, raw["planted"], raw["printed"])


def _moments(spec: Mapping[str, Any]) -> Moments:
    names = {"mean": "mean", "sd": "sd", "min": "low", "max": "high", "shape": "shape"}
    names |= {key: key for key in ("between", "trend", "persistence")}
    return Moments(**{names[key]: value for key, value in spec.items() if key in names})
