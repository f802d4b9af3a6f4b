"""The declared settings of a placebo exhibit, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shidian.did.event_window import Window
from shidian.errors import EstimationError, SpecificationError, nearest
from shidian.inference.covariance import Vcov
from shidian.inference.sample import Singletons
from shidian.inference.small_sample import CONVENTIONS, Convention
from shidian.inference.weights import require_robust, weights_of
from shidian.messages import joined, say
from shidian.placebo.columns import UNIT
from shidian.placebo.registry import check_use

MODES = ("permute", "random", "in_time")
STATISTICS = ("coefficient", "t")
POOLS = ("all", "never_treated")
MAX_DRAWS = 10_000_000


@dataclass(frozen=True)
class Settings:
    """Settings of one placebo exhibit; the keys of its schema, typed.

    Attributes:
        outcome: outcome column.
        controls: control columns.
        fixed_effects: columns partialled out.
        vcov: kind of standard error.
        ssc: small-sample convention.
        singletons: dropped or kept; None = as the software of ``ssc`` does.
        weights: column of analytic weights, empty for none.
        draws: number of draws.
        chunk: draws a job; draws first..last of each chunk depend on this number alone.
        seed: seed of the draws.
        mode: permute, random or in_time.
        strata: column within whose values units are drawn, empty for none.
        assign_by: column whose levels are treated together.
        pool: all, or never_treated: drawn among units never treated, the treated ones left out of the sample.
        treated: units treated in each draw of mode random; None for as many as truly treated.
        adoption_years: years drawn in mode random; empty for all but the first of the sample.
        leads: for mode in_time, years by which draw 0, 1, ... moves adoption earlier; empty to draw years.
        statistic: coefficient, or t for the studentised test.
        estimator: name of a registered estimator.
        options: settings of an estimator that is run draw by draw.
        window: event times of the event study.
    """

    outcome: str
    controls: tuple[str, ...]
    fixed_effects: tuple[str, ...]
    vcov: Vcov
    ssc: Convention
    weights: str = ""
    draws: int = 1000
    chunk: int = 500
    seed: int = 0
    mode: str = "permute"
    strata: str = ""
    assign_by: str = UNIT
    pool: str = "all"
    treated: int | None = None
    adoption_years: tuple[int, ...] = ()
    leads: tuple[int, ...] = ()
    statistic: str = "coefficient"
    estimator: str = "twfe"
    options: Mapping[str, Any] = field(default_factory=dict)
    window: Window | None = None
    singletons: Singletons | None = None

    @property
    def event_window(self) -> Window:
        """Window of the event study; EstimationError when none is declared."""
        if self.window is None:
            raise EstimationError(
                say("the event-study placebo needs 'window', its first and last event time: [-6, 4], say")
            )
        return self.window

    @property
    def n_regressors(self) -> int:
        """Number of treatment columns: one, or the event times of an event study."""
        return len(self.event_window.estimated()) if self.estimator == "event_study" else 1


def read_settings(spec: Mapping[str, Any], study_seed: int) -> Settings:
    """Check an exhibit's resolved specification and return it typed.

    Raises:
        EstimationError: a key missing or with an impossible value, keys that the mode does not use.
    """
    for key in ("outcome", "fixed_effects", "vcov", "ssc"):
        if key not in spec:
            raise EstimationError(
                say("the placebo exhibit needs '{key}', in the exhibit or for the whole study", key=key)
            )
    settings = Settings(
        outcome=spec["outcome"],
        controls=tuple(spec.get("controls", ())),
        fixed_effects=tuple(spec["fixed_effects"]),
        vcov=_vcov(spec["vcov"]),
        ssc=_convention(spec["ssc"]),
        weights=_weights(spec),
        draws=_count(spec, "draws", len(spec.get("leads", ())) or 1000),
        chunk=_count(spec, "chunk", 500),
        seed=int(spec.get("seed", study_seed)),
        mode=_one_of(spec, "mode", MODES),
        strata=spec.get("strata", ""),
        assign_by=spec.get("assign_by", UNIT),
        pool=_one_of(spec, "pool", POOLS),
        treated=spec.get("treated"),
        adoption_years=tuple(spec.get("adoption_years", ())),
        leads=tuple(spec.get("leads", ())),
        statistic=_one_of(spec, "statistic", STATISTICS),
        estimator=spec.get("estimator", "twfe"),
        options=spec.get("options", {}),
        window=_window(spec),
        singletons=spec.get("singletons"),
    )
    check_use(settings.estimator, settings.options, settings.weights)
    _check_mode(settings)
    return settings


def _vcov(declared: Mapping[str, Any]) -> Vcov:
    vcov = Vcov.parse(declared)
    if len(vcov.clusters) > 1:
        raise EstimationError(
            say(
                "placebo draws are clustered by one column, not by {clusters}: give the placebo exhibit a 'vcov' "
                "of its own",
                clusters=joined(vcov.clusters, "and"),
            )
        )
    return vcov


def _convention(declared: str) -> Convention:
    for convention in CONVENTIONS:
        if declared == convention:
            return convention
    raise EstimationError(
        say(
            "ssc is one of {conventions}, not '{declared}'{nearest}",
            conventions=list(CONVENTIONS),
            declared=declared,
            nearest=nearest(declared, CONVENTIONS),
        )
    )


def _window(spec: Mapping[str, Any]) -> Window | None:
    if "window" not in spec:
        return None
    window = Window.declared(spec)
    if window.ends == "drop":
        raise EstimationError(
            say(
                "ends 'drop' would give every placebo draw another sample; choose 'bin' or 'omit' for the "
                "placebo exhibit"
            )
        )
    if not window.estimated():
        raise EstimationError(say("every event time of the window is a reference: nothing is left to estimate"))
    return window


def _count(spec: Mapping[str, Any], key: str, default: int) -> int:
    value = spec.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_DRAWS:
        raise EstimationError(
            say(
                "'{key}' of a placebo exhibit is a whole number from 1 to {most}, not {value}",
                key=key,
                most=MAX_DRAWS,
                value=repr(value),
            )
        )
    return value


def _one_of(spec: Mapping[str, Any], key: str, valid: tuple[str, ...]) -> str:
    value = str(spec.get(key, valid[0]))
    if value not in valid:
        raise EstimationError(
            say(
                "'{key}' is one of {valid}, not '{value}'{nearest}",
                key=key,
                valid=list(valid),
                value=value,
                nearest=nearest(value, valid),
            )
        )
    return value


def _check_mode(settings: Settings) -> None:
    """Refuse settings that the mode would silently ignore."""
    if (settings.window is not None) != (settings.estimator == "event_study"):
        raise EstimationError(say("'window' and the estimator 'event_study' go together: give both or neither"))
    only = {
        "adoption_years": ("random", settings.adoption_years), "treated": ("random", settings.treated),
        "leads": ("in_time", settings.leads),
    }  # fmt: skip
    for key, (mode, value) in only.items():
        if value and settings.mode != mode:
            raise EstimationError(
                say(
                    "'{key}' belongs to mode '{mode}'; this exhibit's mode is '{own}'",
                    key=key,
                    mode=mode,
                    own=settings.mode,
                )
            )
    if settings.treated is not None and settings.treated < 1:
        raise EstimationError(
            say(
                "'treated' is the number of units treated in each draw, 1 or more, not {treated}",
                treated=settings.treated,
            )
        )
    if settings.treated is not None and settings.strata:
        raise EstimationError(say("'treated' and 'strata' exclude each other: strata keep their true treated counts"))
    if settings.mode == "in_time" and (settings.strata or settings.pool != "all"):
        raise EstimationError(
            say("mode 'in_time' moves the treated units' own years; 'strata' and 'pool' do not apply to it")
        )
    if settings.leads and (min(settings.leads) < 1 or len(set(settings.leads)) != len(settings.leads)):
        raise EstimationError(
            say("'leads' are distinct numbers of years, 1 or more, not [{leads}]", leads=list(settings.leads))
        )
    if settings.leads and settings.draws != len(settings.leads):
        raise EstimationError(
            say(
                "'draws' is {draws}, but each of the {n} 'leads' is one draw: set it to that",
                draws=settings.draws,
                n=len(settings.leads),
            )
        )


def _weights(spec: Mapping[str, Any]) -> str:
    """Return the variable that weights the rows of every draw, "" for none."""
    weighting = weights_of(spec)
    if weighting is None:
        return ""
    require_robust(weighting, _vcov(spec["vcov"]).kind)
    if weighting.counts:
        raise SpecificationError(
            say(
                "placebo draws take analytic and probability weights, not frequency weights: repeat the rows in the "
                "source"
            )
        )
    return weighting.variable
