"""The plan of a run: which studies can run, from which files, and what is missing. Read while the graph is built."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from shidian.errors import Faults, StudyError
from shidian.measures import in_chinese
from shidian.schema import check, read_schema, read_yaml
from shidian.study.efficiency_models import score_models
from shidian.study.extensions import use_extensions
from shidian.study.indicator_methods import method
from shidian.study.kinds import Kind, kinds
from shidian.study.model import Study, in_language
from shidian.study.printed_words import in_one_language
from shidian.study.read import read_study
from shidian.study.simulated import COMPARED, SENTENCE, SUFFIX, is_made, refuse_mixture, simulation_settings
from shidian.study.styles import PRINTED
from shidian.study.treated import STAYS
from shidian.study.weights_files import refuse_missing, with_files
from shidian.yearbook.corrections import Declared, load_corrections
from shidian.yearbook.source import MissingFile, Source, missing_files

NAMED = 12
"""Missing files that one line names; a source of texts may miss hundreds."""
WORDS = ("title", "number", "note")
"""Keys of an exhibit that change what is printed around it, not what it finds."""
NUMBERS = {
    "zh": {"Table": "表{n}", "Figure": "图{n}", "Truth": "真值表{n}", "Section": "第{n}节", "Appendix": "附录{n}"}
}
"""Language -> how the words of an exhibit's number are printed in it."""

SHOW_MEASURES = ("trend", "map", "threshold", "event_study", "score_density")
"""Kinds whose figures have the unit of measure of what they show on an axis."""


@dataclass(frozen=True)
class Skipped:
    """A study that cannot run, and the raw files that it misses."""

    study: Study
    missing: tuple[MissingFile, ...]

    def headline(self, raw_root: Path) -> str:
        """Return the one line that says what is left out and why."""
        names = ", ".join(Path(m.path).name for m in self.missing[:NAMED])
        names += f" and {len(self.missing) - NAMED} more" if len(self.missing) > NAMED else ""
        return f"study '{self.study.study}' is left out: {len(self.missing)} raw files are not in {raw_root}: {names}"

    def files(self) -> list[str]:
        """Return a text a file: its path, its expected checksum, what it is and where to get it."""
        return [f"{m.path} (sha256 {m.sha256 or 'not declared'}) {m.what}" for m in self.missing]


@dataclass(frozen=True)
class Plan:
    """What runs.

    Attributes:
        root: folder of the project.
        raw_root: folder of the raw workbooks.
        language: "en" or "zh".
        studies: id -> study, those that can run, in the order of the configuration.
        sources: id -> source, those that the runnable studies read.
        skipped: the studies that cannot run, with the files they miss.
        corrections: declared corrections to raw cells.
        simulation: seed and size of the simulated yearbooks.
        extensions: folders of the user's own kinds, indicators, estimators and formats.
        limits: how much of a raw file is read, where the configuration says so.
    """

    root: Path
    raw_root: Path
    language: str
    studies: Mapping[str, Study]
    sources: Mapping[str, Source]
    skipped: tuple[Skipped, ...]
    corrections: tuple[Declared, ...]
    simulation: Mapping[str, Any]
    extensions: tuple[Path, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def notices(self) -> tuple[str, ...]:
        """What is to be said of the study files, a line each: old names of keys, exhibits that want a planted truth."""
        studies = [*self.studies.values(), *(skipped.study for skipped in self.skipped)]
        return tuple(line for study in studies for line in study.notice.splitlines())

    def language_of(self, study: str) -> str:
        """Return the language of a study's report: that of its style where the run says none."""
        found = self.studies.get(study)
        return (found.language if found else "") or self.language

    def kind(self, study: str, exhibit: str) -> Kind:
        """Return the kind of an exhibit."""
        return kinds()[self.studies[study].exhibit(exhibit)["kind"]]

    def info(self, study: str, exhibit: str) -> str:
        """Return as JSON what an exhibit's job must know of its study, and no more: unit, treatment, labels it uses."""
        s, lang = self.studies[study], self.language_of(study)
        used = set(_strings(s.exhibit(exhibit))) | {s.regressor}
        labels = {n: in_language(t, lang) for n, t in s.labels.items() if n in used}
        estimated = [*(m.name for m in s.efficiency), *(p.name for p in s.productivity)]
        info = {
            "study": study, "unit_label": in_language(s.unit_label, lang), "labels": labels,
            "treatment": s.regressor, "simulated": self.is_simulated(study), "seed": s.seed,
            "policy": in_language(s.policy, lang), "scores": [name for name in estimated if name in used],
        }  # fmt: skip
        if not s.panel.period.is_plain:
            info["period"] = asdict(s.panel.period)
        assigned, column = s.panel.assigned_by
        if assigned and "vcov" in s.exhibit(exhibit):
            info |= {"assigned_by": assigned, "assigned_column": column}
        if s.panel.treatment and s.panel.treatment.kind != STAYS:
            info["treatment_kind"] = s.panel.treatment.kind
        if s.panel.individuals:
            named = {column: in_language(s.labels[column], lang)} if column in s.labels else {}
            info |= {"individuals": True, "labels": {**labels, **named}}
        kind = s.exhibit(exhibit)["kind"]
        if kind == "descriptives":
            info["measures"] = _measures(s, lang)
        elif kind in SHOW_MEASURES and (shown := {n: m for n, m in _measures(s, lang).items() if n in used}):
            info["measures"] = shown
        lacking = {m.name: m for m in s.efficiency if m.name in used and m.may_lack_the_best}
        if lacking:
            info["lacking_best"] = {
                name: {"variables": m.variables, "years": m.years, "returns": m.model["returns"]}
                for name, m in lacking.items()
            }
        return canonical(info)

    def spec(self, study: str, exhibit: str, *, without: Sequence[str] = ()) -> str:
        """Return an exhibit's resolved specification as JSON, without the words that only the report prints."""
        left_out = {*WORDS, *PRINTED, *without}
        spec = in_one_language(with_files(self.root, self.studies[study].exhibit(exhibit)), self.language_of(study))
        return canonical({k: v for k, v in spec.items() if k not in left_out})

    def meta(self, study: str, exhibit: str) -> str:
        """Return as JSON the words of an exhibit and how it is printed."""
        s, lang = self.studies[study], self.language_of(study)
        spec = s.exhibit(exhibit)
        words = {key: in_language(spec.get(key, ""), lang) for key in WORDS}
        if spec["kind"] == "comparison" and not words["title"]:
            words["title"] = COMPARED[self.has_truth(study)][lang]
        words["number"] = numbered(words["number"], lang)
        further = {"figure": dict(s.figure), "printing": s.printing.get(exhibit, {})}
        return canonical({"study": study, "id": exhibit, "lang": lang, **words,
                          "simulated": self.is_simulated(study),
                          **{name: said for name, said in further.items() if said}})  # fmt: skip

    def report_meta(self, study: str) -> str:
        """Return as JSON what the report says of the study itself and of its sources."""
        s, lang = self.studies[study], self.language_of(study)
        sources = [self.sources[use.source] for use in s.panel.sources]
        keys = ("title", "publisher", "citation", "licence", "url", "note")
        return canonical({
            "study": study, "lang": lang, "simulated": self.is_simulated(study), "paper": s.paper,
            "title": self.title(s), "description": self.description(s),
            "labels": {name: in_language(text, lang) for name, text in s.labels.items()},
            "exhibits": [json.loads(self.meta(study, e["id"])) for e in s.exhibits],
            "sources": [{"id": x.source, **{k: getattr(x, k) for k in keys}} for x in sources],
            "unit_label": in_language(s.unit_label, lang), "period": asdict(s.panel.period),
            "individuals": s.panel.individuals,
            **{name: said for name, said in (("authors", s.authors), ("date", s.date)) if said},
        })  # fmt: skip

    def index_meta(self) -> str:
        """Return as JSON what the index says: the studies that ran, and those that could not and why."""
        ran = [
            {
                "study": n, "title": self.title(s), "simulated": self.is_simulated(n), "regressor": s.regressor,
                "label": in_language(s.labels.get(s.regressor, s.regressor), self.language),
                "exhibits": [[e["id"], e["kind"]] for e in s.exhibits],
            }
            for n, s in self.studies.items()
        ]  # fmt: skip
        left = [
            {"study": s.study.study, "title": in_language(s.study.title, self.language), "missing": s.files()}
            for s in self.skipped
        ]
        return canonical({"lang": self.language, "ran": ran, "left_out": left})

    def title(self, study: Study) -> str:
        """Return a study's title; that of a study on simulated data says so."""
        lang = self.language_of(study.study)
        return in_language(study.title, lang) + (SUFFIX[lang] if self.is_simulated(study.study) else "")

    def description(self, study: Study) -> str:
        """Return a study's description; that of a study on simulated data says so, and what is simulated."""
        lang = self.language_of(study.study)
        texts = [in_language(study.description, lang)]
        if self.is_simulated(study.study):
            texts += [in_language(study.simulated, lang), SENTENCE[lang]]
        return ("" if lang == "zh" else " ").join(text for text in texts if text)

    def is_simulated(self, study: str) -> bool:
        """Say whether a study is on simulated data; its other sources are then tables that the project ships."""
        return any(self.sources[use.source].simulated for use in self.studies[study].panel.sources)

    def has_truth(self, study: str) -> bool:
        """Say whether the workflow simulates a study's data, so that what was planted is known."""
        return any(is_made(self.sources[use.source]) for use in self.studies[study].panel.sources)

    def source_digest(self, source: str) -> str:
        """Return the digest of how a source is read and corrected; the words that describe it do not count."""
        s = self.sources[source]
        corrections = [c for c in self.corrections if c.source == source]
        return digest(repr((s.source, s.simulated, s.files, s.tables, corrections)))

    def indicators_digest(self, study: str) -> str:
        """Return the digest of a study's declared indicators."""
        return digest(repr(self.studies[study].indicators))

    def indicator_modules(self, study: str) -> tuple[str, ...]:
        """Return the modules that compute a study's declared indicators."""
        return tuple(sorted({method(i.method).module for i in self.studies[study].indicators}))

    def efficiency_model(self, study: str, model: str) -> str:
        """Return a declared efficiency model and its years as JSON."""
        found = next(m for m in self.studies[study].efficiency if m.name == model)
        return canonical({"model": found.model, "years": found.years})

    def efficiency_modules(self, study: str, model: str = "") -> tuple[str, ...]:
        """Return the modules that measure a study's efficiency models, or one of them."""
        methods = {m.method for m in self.studies[study].efficiency if model in ("", m.name)}
        return tuple(sorted(score_models()[name].module for name in methods))

    def simulation_json(self) -> str:
        """Return seed and size of the simulated yearbooks as JSON."""
        return canonical(self.simulation)

    def scores_digest(self, study: str) -> str:
        """Return the digest of a study's efficiency models and productivity indices."""
        s = self.studies[study]
        return digest(repr((s.efficiency, s.productivity)))

    def productivity_index(self, study: str, name: str) -> str:
        """Return a declared productivity index, its model and its years as JSON."""
        found = next(p for p in self.studies[study].productivity if p.name == name)
        return canonical({"spec": found.spec, "years": found.years})

    def traces_digest(self, study: str) -> str:
        """Return the digest of what says where a study's numbers come from: its columns and its exhibits."""
        s = self.studies[study]
        exhibits = [self.spec(study, e["id"]) for e in s.exhibits]
        files = [self.sources[use.source].files for use in s.panel.sources]
        return digest(repr((s.panel, s.indicators, s.efficiency, s.productivity, exhibits, files)))

    def panel_digest(self, study: str) -> str:
        """Return the digest of all that a study's panel depends on beside its records."""
        return digest(repr(self.studies[study].panel))


def raw_folder(root: Path, config: Mapping[str, Any], given: str | None = None) -> Path:
    """Return the folder of the raw workbooks: the one given, else the variable SHIDIAN_RAW, else the configuration's.

    Raises:
        StudyError: its name holds braces.
    """
    raw = Path(given or os.environ.get("SHIDIAN_RAW") or config.get("raw_data", "resources/raw"))
    if set("{}") & set(str(raw)):
        raise StudyError(f"the folder of the raw files, {raw}, holds braces, which Snakemake would replace: rename it")
    return raw if raw.is_absolute() else root / raw


def load_plan(root: Path, raw_root: str | None = None) -> Plan:
    """Read the configuration, the studies that it lists and their sources.

    Args:
        root: folder of the project.
        raw_root: folder of the raw workbooks; by default the variable SHIDIAN_RAW, then the configuration's.

    Raises:
        StudyError, SourceError: all that is wrong in any file, before any job runs.
    """
    path = root / "config" / "config.yaml"
    if set("{}") & set(str(root.resolve())):
        raise StudyError(
            f"the project's folder, {root.resolve()}, holds braces, which Snakemake would replace: rename it"
        )
    config = read_yaml(path)
    check(config, read_schema("config"), "config/config.yaml")
    if not config["studies"]:
        raise StudyError("config/config.yaml lists no study: `shidian new FILE` starts one from a panel file")
    extensions = use_extensions(root)
    raw = raw_folder(root, config, raw_root)
    studies: dict[str, Study] = {}
    sources: dict[str, Source] = {}
    skipped: list[Skipped] = []
    faults = Faults()
    for name in config["studies"]:
        with faults.kept():
            study, used = read_study(root, name)
            refuse_mixture(name, used.values())
            refuse_missing(root, {f"config/studies/{name}.yaml: exhibit '{e['id']}'": e for e in study.exhibits})
            missing = tuple(m for source in used.values() if not is_made(source) for m in missing_files(source, raw))
            if missing:
                skipped.append(Skipped(study, missing))
            else:
                studies[name] = study if any(map(is_made, used.values())) else _without_truth(study)
                sources |= used
    faults.raise_all()
    every = [p.stem for p in (root / "config" / "sources").glob("*.yaml")]
    corrections = load_corrections(root / "config" / "corrections.yaml", every)
    return Plan(
        root, raw, config.get("language", "en"), studies, sources, tuple(skipped), corrections,
        simulation_settings(config), extensions, config.get("limits", {}),
    )  # fmt: skip


def _without_truth(study: Study) -> Study:
    """Leave out the exhibits that need a planted truth, which a study on real sources has not, and say so."""
    gone = [e for e in study.exhibits if kinds()[e["kind"]].planted]
    said = [
        f"study '{study.study}': exhibit '{e['id']}' is left out: the kind {e['kind']} needs what is planted in "
        "simulated yearbooks, and the study's sources are real"
        for e in gone
    ]
    kept = tuple(e for e in study.exhibits if e not in gone)
    return replace(study, exhibits=kept, notice="\n".join([*([study.notice] if study.notice else []), *said]))


def numbered(number: str, language: str) -> str:
    """Return the number of an exhibit as papers of a language print it: "Table 3" is 表3."""
    for english, word in NUMBERS.get(language, {}).items():
        if number.startswith(f"{english} "):
            return word.format(n=number.removeprefix(f"{english} "))
    return number


def _measures(study: Study, language: str) -> dict[str, str]:
    """Return the units of measure of a study's variables and indicators, pure numbers left out."""
    of_variables = ((v.name, v.measure_text) for v in study.panel.variables if not v.is_category)
    said = (*of_variables, *((i.name, i.measure_text) for i in study.indicators))
    return {name: in_chinese(text) if language == "zh" else text for name, text in said if text}


def canonical(content: Any) -> str:
    """Return JSON with sorted keys: one text for one content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def digest(text: str) -> str:
    """Return a short digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _strings(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield from _strings(key)
            yield from _strings(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _strings(value)
