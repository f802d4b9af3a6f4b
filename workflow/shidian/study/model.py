"""A study as the rest of the program sees it: checked, typed, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shidian.period import Period
from shidian.study.formula_variable import Variable
from shidian.study.grammar import Name, Node
from shidian.study.treated import Treatment

Text = str | Mapping[str, str]


def in_language(text: Text, language: str) -> str:
    """Return a text in a language, or in the one it is given in."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()))


@dataclass(frozen=True)
class Nesting:
    """Units that lie in those of a source, by a column of the panel: firms in cities by ``on: city_code``.

    The column is a ``series`` (``source.series``) or a formula; ``is_text`` says that it holds names. ``level`` is the
    level of China's regions that its values are looked up at, "" where codes or names are equal. ``first_year`` gives
    a unit that moves the value of its first year throughout.
    """

    on: str
    level: str = ""
    first_year: bool = False
    series: str = ""
    formula: Variable | None = None
    is_text: bool = False


@dataclass(frozen=True)
class Aggregation:
    """Regions of a source (counties) whose sums or means are values of the panel's units (cities).

    ``how`` is sum or mean, ``by_series`` that of series that differ. ``members`` are the regions that a unit should
    have: those of its area in each year (geography), or those among them that the source has (source). A unit-year of
    which less than the share ``least`` has a value stays missing.
    """

    to: str
    how: str = "sum"
    by_series: tuple[tuple[str, str], ...] = ()
    members: str = "geography"
    least: float = 1.0

    def of(self, series: str) -> str:
        """Return sum or mean, as declared for a series."""
        return dict(self.by_series).get(series, self.how)


@dataclass(frozen=True)
class SourceUse:
    """How one source joins the panel: ``join`` is region, province, code, name or, with a ``nesting``, column.

    ``accept`` names the uncertain units let pass; ``level`` and ``aliases`` are what the source file says of its units.
    ``least_matched`` is the share of its units, or of the panel's, that must match at least; ``declared`` says that
    the study file gives the join.
    """

    source: str
    is_frame: bool
    join: str
    accept: tuple[str, ...] = ()
    level: str = ""
    aliases: str = ""
    nesting: Nesting | None = None
    least_matched: float = 0.0
    declared: bool = True
    aggregate: Aggregation | None = None


@dataclass(frozen=True)
class Exclusion:
    """Units or years left out of the panel, and why.

    ``where`` names a variable that is 1 in the rows left out. A ``late`` exclusion leaves rows out of the exhibits
    only: they still count in indicators and efficiency frontiers. ``may_lack`` says that the panel need not have the
    units: a study written for simulated data is read on real ones.
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    reason: str
    where: str = ""
    late: bool = False
    may_lack: bool = False


@dataclass(frozen=True)
class Precedence:
    """A series that several sources give: ``series`` counts, and where it has no value the next of ``then``.

    All are ``source.series``.
    """

    series: str
    then: tuple[str, ...]


@dataclass(frozen=True)
class Fill:
    """A declared filling of gaps of at most ``max_gap`` years, at the ends only where ``ends``.

    ``how`` is one of ``shidian.panel.fill_methods.METHODS``.
    """

    series: str
    max_gap: int
    ends: bool
    how: str = "linear"


@dataclass(frozen=True)
class Parts:
    """Parts that must add to a whole within ``tolerance`` of it; all are ``source.series``."""

    whole: str
    parts: tuple[str, ...]
    tolerance: float


@dataclass(frozen=True)
class Agreement:
    """Two series that must agree within ``tolerance`` of the larger; both are ``source.series``."""

    first: str
    second: str
    tolerance: float


RULED = Literal["most", "sum", "product", "units"]
"""A whole that its parts do not exceed, that is their sum, the product of factors, or the sum of its units."""


@dataclass(frozen=True)
class Rule:
    """A rule between series as declared (``text``): a whole and terms, all ``source.series``, and the allowed share."""

    text: str
    whole: str
    terms: tuple[str, ...]
    how: RULED
    tolerance: float


@dataclass(frozen=True)
class Accepted:
    """A slip of a volume that is none: ``series`` as ``source.series``, its period, and why the numbers are right."""

    series: str
    period: int
    reason: str


@dataclass(frozen=True)
class Checks:
    """What is checked and reported of raw values and variables; ``strict`` says whether a slip of a volume stops."""

    jumps: tuple[float, ...]
    parts: tuple[Parts, ...]
    shares: tuple[str, ...]
    agree: tuple[Agreement, ...]
    strict: bool = True
    accept: tuple[Accepted, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """Every ``source.series`` that a check reads."""
        parts = [q for p in self.parts for q in (p.whole, *p.parts)]
        ruled = [q for rule in self.rules for q in (rule.whole, *rule.terms)]
        return tuple(dict.fromkeys([*parts, *(q for a in self.agree for q in (a.first, a.second)), *ruled]))


KEYWORD_SHARE, FORMULA = "keyword_share", "formula"
"""Methods of indicators that read something else than columns: a text, a formula's names."""
TEXT = "text"
"""Role of an input that is a text, as ``source.series``."""


@dataclass(frozen=True)
class Indicator:
    """A declared indicator: its method, (role, variable) of each input in the method's order, its options.

    ``sizes`` has (role, factor) of the inputs that are brought to the size of another; ``node`` is a formula as
    computed, its conversions written out as factors; ``measure_text`` is the unit of measure of its values, "" of a
    pure number.
    """

    name: str
    method: str
    inputs: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, Any], ...]
    sizes: tuple[tuple[str, float], ...] = ()
    node: Node | None = None
    measure_text: str = ""

    def option(self, name: str, default: Any = None) -> Any:
        """Return an option, or its default where it is not declared."""
        return dict(self.options).get(name, default)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts it reads, each as ``source.series``."""
        return tuple(given for role, given in self.inputs if role == TEXT)

    @property
    def dictionaries(self) -> tuple[str, ...]:
        """The dictionaries it reads."""
        return tuple(str(value) for key, value in self.options if key in ("dictionary", "words"))


@dataclass(frozen=True)
class EfficiencyModel:
    """A declared efficiency model; its scores become the variable ``name`` of the panel, in ``years`` only."""

    name: str
    model: Mapping[str, Any]
    years: tuple[int, int]

    @property
    def method(self) -> str:
        """The method that measures it (``shidian.study.efficiency_models``)."""
        return str(self.model.get("method", "super_sbm"))

    @property
    def pools_years(self) -> bool:
        """Whether a frontier holds several years, so that the model cannot be solved a year at a time."""
        return bool(self.model["frontier"] != "contemporaneous")

    @property
    def may_lack_the_best(self) -> bool:
        """Whether super-efficiency can be infeasible, so that units on the frontier have no score."""
        return bool(self.model.get("super_efficiency")) and self.model["orientation"] != "none"

    @property
    def variables(self) -> list[str]:
        """The model's inputs and outputs."""
        return [name for role in ("inputs", "desirable", "undesirable") for name in self.model.get(role) or ()]


@dataclass(frozen=True)
class ProductivityIndex:
    """A declared productivity index; it becomes the variable ``name`` of the panel, in ``years`` only.

    ``spec`` holds its options and, under ``model``, the efficiency model that it compares years by.
    """

    name: str
    spec: Mapping[str, Any]
    years: tuple[int, int]


@dataclass(frozen=True)
class PanelSpec:
    """All that a study's panel depends on, and nothing else: its text form decides whether the panel is stale.

    ``measures`` maps every ``source.series`` that is read to the unit of measure that it is brought to;
    ``first_year``, ``last_year`` and all other years are numbers of ``period``;
    ``own_measures`` are those that the study declares beyond the built-in ones, with their definitions;
    ``individuals`` says that each unit has one row and is not followed over time.
    """

    first_year: int
    last_year: int
    geography: int | None
    sources: tuple[SourceUse, ...]
    exclusions: tuple[Exclusion, ...]
    treatment: Treatment | None
    own_measures: Mapping[str, str]
    fill: tuple[Fill, ...]
    variables: tuple[Variable, ...]
    checks: Checks
    measures: Mapping[str, str]
    period: Period = field(default_factory=Period)
    individuals: bool = False
    precedence: tuple[Precedence, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel, in order."""
        treatment = [self.treatment.name] if self.treatment else []
        return (*PANEL_KEYS, *treatment, *(v.name for v in self.variables))

    @property
    def is_one_period(self) -> bool:
        """Whether it has one period."""
        return self.first_year == self.last_year

    @property
    def has_adoption(self) -> bool:
        """Whether its rows can have adoption years; a status of individuals, who are seen once, dates no group."""
        return self.treatment is not None and (self.treatment.dated_by == "adoption" or not self.individuals)

    @property
    def assigned_by(self) -> tuple[str, str]:
        """What the treatment is assigned by where units lie in those of its list, and the variable that holds it.

        Both are "" where it is assigned unit by unit; the variable is "" where the panel has none.
        """
        sources = {name.partition(".")[0] for name in self.treatment.inputs} if self.treatment else set()
        for use in self.sources:
            if use.source in sources and use.join == "province":
                return "province", ""
            if use.source in sources and use.nesting:
                return use.nesting.on, next((v.name for v in self.variables if _is(v, use.nesting)), "")
        return "", ""


def _is(variable: Variable, nesting: Nesting) -> bool:
    """Say whether a variable is the column that a nested source joins on."""
    if not isinstance(variable.node, Name):
        return False
    read = variable.inputs.get(variable.node.name)
    if nesting.formula is not None:
        return isinstance(nesting.formula.node, Name) and nesting.formula.node.name == variable.name
    return read is not None and read == nesting.series


@dataclass(frozen=True)
class Study:
    """One study. ``exhibits`` are resolved: the study's defaults are filled in where a kind takes them.

    ``labels`` maps variables, indicators, scores, productivity indices and the treatment to their printed labels;
    ``simulated`` follows ``description`` where the data are simulated;
    ``policy`` names the policy; ``regressor`` is the column whose coefficient is of interest: the treatment, where
    there is one. ``notice`` names the old names of keys that its file still has, and the exhibits that are left out
    because nothing is planted in its sources. ``authors`` and ``date`` stand under the title of the report,
    ``figure`` says how figures look. ``printing`` says of each exhibit how it is printed (``shidian.study.styles``), {}
    where as estimated; ``language`` is that of the study's style where the run says none, else "".
    """

    study: str
    title: Text
    description: Text
    simulated: Text
    paper: str
    seed: int
    unit_label: Text
    policy: Text
    regressor: str
    panel: PanelSpec
    indicators: tuple[Indicator, ...]
    efficiency: tuple[EfficiencyModel, ...]
    productivity: tuple[ProductivityIndex, ...]
    labels: Mapping[str, Text]
    exhibits: tuple[Mapping[str, Any], ...]
    notice: str = field(default="", compare=False)
    authors: tuple[str, ...] = ()
    date: str = ""
    figure: Mapping[str, str] = field(default_factory=dict)
    printing: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    language: str = ""

    def exhibit(self, name: str) -> Mapping[str, Any]:
        """Return the resolved specification of one exhibit."""
        return next(e for e in self.exhibits if e["id"] == name)


ROW_KEYS = ("unit", "unit_name", "year")
"""Columns that say which unit and year a row of any panel is of."""
PANEL_KEYS = (*ROW_KEYS, "adoption_year")
"""Columns that every panel has beside its treatment and its variables."""
SIMULATED = "simulated"
"""Column, true in every row, that the panel of a study on simulated data has beside the others."""
LEFT_OUT = "left_out"
"""Column of the panel while indicators and scores are computed: why the row will leave the exhibits, or ""."""
RESERVED = (*PANEL_KEYS, SIMULATED, LEFT_OUT)
"""Names that no variable, treatment or series of a source may have."""
