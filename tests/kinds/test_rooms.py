"""What must hold of every kind of exhibit, asked of the smallest example in its room."""

import ast
import re
from functools import cache
from importlib import import_module

import pytest
import yaml
from shidian.audit.replication.tables import models_of
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult
from shidian.messages import is_aside
from shidian.report.catalogue import templates
from shidian.report.catalogue_files import said_in
from shidian.report.figures.draw import draw_figure
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences
from shidian.report.tables.latex import table_latex
from shidian.report.words import in_words
from shidian.study.kinds import kind_spec
from shidian.study.resolve import exhibit_schema, resolve_exhibits

from tests.exhibits.exhibit_checks import check_exhibit, check_order_and_origin
from tests.kinds.example_panel import INFO, example_panel
from tests.kinds.rooms import ROOMS
from tests.report.chinese import english_left, latin_left, shown
from tests.report.typesetting import MISSING, faults

FILES = re.compile(
    r"kind\.yaml|spec\.yaml|estimate\.py|zh\.po|example\.yaml|replicate\.py|draw_\w+\.py|__init__\.py|__pycache__"
)
LABELS = ("First years", "Size", "Moderated")
"""What the examples themselves call their columns."""
OWN = ("small", "large", "city", "Cities")
"""What the example panel calls its groups and units."""
RUN = [name for name, kind in ROOMS.items() if not kind.made_from]


@pytest.fixture(scope="module")
def panel():
    return example_panel()


def resolved(kind: str):
    """Return the example as a study file resolves it."""
    declared = yaml.safe_load((ROOMS[kind].folder / "example.yaml").read_text(encoding="utf-8"))
    living = {"living": {"method": "entropy_index", "inputs": ["water", "power"]}}
    study = {"treatment": {"name": "did"}, "indicators": living}
    (spec,) = resolve_exhibits({**study, "exhibits": [{"id": f"my_{kind}", "kind": kind, **declared}]}, {})
    return spec


def run(kind, panel, info=INFO):
    return estimate_exhibit(import_module(ROOMS[kind].module), panel, resolved(kind), info)


def read_again(result):
    """Return a result as the jobs that print it have it."""
    return ExhibitResult.from_json(result.to_json())


@cache
def example(kind):
    """Return the result of the example; several tests ask of the one."""
    return run(kind, example_panel())


@pytest.mark.parametrize("kind", RUN)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_short_note_leaves_out_asides_and_nothing_else(kind, lang):
    result, meta = in_words(read_again(example(kind)), lang), ExhibitMeta("a_study", f"my_{kind}", lang=lang)
    full, short = note_sentences(result, meta), note_sentences(result, meta, short=True)
    asides = [is_aside(text) for text in example(kind).notes]
    assert short == tuple(text for text, aside in zip(full, asides, strict=True) if not aside)
    assert bool(short) == bool(full)


@pytest.mark.parametrize("kind", ROOMS)
def test_a_room_holds_all_there_is_of_a_kind(kind):
    room = ROOMS[kind].folder
    names = {path.name for path in room.iterdir()}
    assert all(FILES.fullmatch(name) for name in names - {"words.py"}), "a file that no room has"
    assert {"kind.yaml", "spec.yaml", "estimate.py"} <= names
    assert ("example.yaml" in names) != bool(ROOMS[kind].made_from), "the smallest use, or what it is made from"
    assert kind_spec(kind)["title"] == f"kind: {kind}"
    described = kind_spec(kind)["properties"]
    assert all("description" in key for key in described.values()), "one line of documentation a key"


@pytest.mark.parametrize("kind", RUN)
def test_the_example_prints_what_it_estimates_whatever_the_order_of_rows(kind, panel):
    result = example(kind)
    assert result.estimates["estimate"].notna().any() or not ROOMS[kind].table, result.notes
    if result.table is not None:
        check_exhibit(kind, result, INFO, LABELS)
    check_order_and_origin(lambda frame, info: run(kind, frame, info), panel, INFO)


@pytest.mark.parametrize("kind", ROOMS)
def test_what_a_room_says_is_written_out_and_has_its_chinese(kind):
    said = {template for path in sorted(ROOMS[kind].folder.glob("*.py")) for template, _ in said_in(path)}
    assert said - set(templates("zh")) == set()


@pytest.mark.parametrize("kind", RUN)
def test_the_example_is_said_in_chinese_as_a_whole(kind, panel):
    own = [*panel.columns, *panel["unit_name"].unique(), *INFO.labels.values(), *LABELS]
    assert english_left(example(kind), own) == []
    labels = {"unit": "城市", **INFO.labels}
    assert latin_left(shown(read_again(example(kind)), labels), [*own, *labels, f"my_{kind}", *OWN]) == []


@pytest.mark.parametrize("kind", RUN)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_example_is_drawn_and_typeset(kind, lang):
    result = in_words(example(kind), lang)
    if result.figure is not None:
        assert draw_figure(result.figure, lang=lang).axes
    if result.table is not None:
        text = table_latex(result.table, "", join_note(result.notes, lang), kind, lang)
        assert text.count(r"\begin{") == text.count(r"\end{")


@pytest.mark.parametrize(
    "lang", [pytest.param(k, marks=pytest.mark.skipif(v, reason="no TeX")) for k, v in MISSING.items()]
)
def test_tex_sets_every_example_within_its_page(lang, tmp_path):
    results = {kind: in_words(example(kind), lang) for kind in RUN}
    tables = {kind: (result.table, join_note(result.notes, lang)) for kind, result in results.items() if result.table}
    texts = {kind: table_latex(table, kind, note, kind, lang) for kind, (table, note) in tables.items()}
    assert faults(texts, tmp_path) == {}


@pytest.mark.parametrize("kind", [kind for kind in RUN if ROOMS[kind].replicate_module])
def test_the_example_has_models_for_another_program(kind, panel):
    used = example(kind).used
    models = models_of(panel, resolved(kind), INFO, used)
    assert models
    assert {m.column for m in models} <= set(used)


@pytest.mark.parametrize("kind", ROOMS)
def test_a_default_in_code_is_that_of_the_specification(kind):
    """Exhibits arrive with the defaults of spec.yaml; what code says for other callers is the same."""
    declared = {
        key: facts["default"] for key, facts in exhibit_schema(kind)["properties"].items() if "default" in facts
    }
    for node in ast.walk(ast.parse((ROOMS[kind].folder / "estimate.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "spec.get" and len(node.args) == 2:
            key = getattr(node.args[0], "value", None)
            computed = any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(node.args[1]))
            if key in declared and not computed:
                assert ast.literal_eval(node.args[1]) == declared[key], key
