"""Extensions: what a configuration may name, and each mistake in one as one clear line, before any job runs."""

import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
import yaml
from shidian.audit.bundle.extension_files import extension_files, paths_of, places_of
from shidian.code_digests import ROOT, code_digest, job_modules
from shidian.errors import StudyError
from shidian.extensions import folders, use, using
from shidian.indicators.inputs import Inputs
from shidian.job import whose_fault
from shidian.panel.scores import solve_part
from shidian.placebo_estimators import estimators
from shidian.reference import config_reference, extension_reference
from shidian.report.catalogue import templates
from shidian.report.catalogue_files import templates_said
from shidian.study.efficiency_models import score_models
from shidian.study.extensions import use_extensions
from shidian.study.indicator_methods import methods, study_schema
from shidian.study.kinds import figures, kind_spec, kinds
from shidian.study.plan import load_plan
from shidian.study.table_formats import table_formats

from .own_data import dump, write_project

EXAMPLE = ROOT / "docs" / "extensions_example"


@pytest.fixture(autouse=True)
def none_in_force():
    with using(()):
        yield
        use(())


@pytest.fixture
def project(tmp_path):
    """A project with one study and a copy of the worked example beside it."""
    folder = write_project(tmp_path / "project")
    shutil.copytree(EXAMPLE, tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__"))
    configure(folder, "extensions: ../mine")
    return folder


def configure(folder: Path, line: str) -> None:
    (folder / "config" / "config.yaml").write_text(f"studies: [my_study]\nraw_data: raw\n{line}\n", encoding="utf-8")


def test_the_example_joins_every_registry(project):
    plan = load_plan(project)
    assert plan.extensions == folders() == (project.parent / "mine",)
    assert kinds()["group_means"].module == "shidian_extensions.kinds.group_means.estimate"
    assert figures()["group_means"] == "shidian_extensions.kinds.group_means.draw_group_means"
    assert methods()["herfindahl"].module == "shidian_extensions.indicators.herfindahl"
    assert "herfindahl" in str(study_schema()["properties"]["indicators"])
    assert estimators()["mean_difference"].words.startswith("difference of the means")
    placebo = kind_spec("placebo")["properties"]
    assert "mean_difference" in placebo["estimator"]["enum"]
    assert "robust" in placebo["options"]["properties"]
    assert score_models()["free_disposal_hull"].module == "shidian_extensions.efficiency.free_disposal_hull"
    assert table_formats()["rst"].ending == ".rst"
    configure(project, "")
    load_plan(project)
    assert "group_means" not in kinds()
    assert "mean_difference" not in kind_spec("placebo")["properties"]["estimator"]["enum"]


def test_the_example_is_documented_in_its_own_place_and_said_in_chinese():
    ours = config_reference()
    with using([EXAMPLE]):
        assert config_reference() == ours
        assert (EXAMPLE / "REFERENCE.md").read_text(encoding="utf-8") == extension_reference(EXAMPLE), "shidian docs"
        said = {text for texts in templates_said("zh", EXAMPLE).values() for text in texts}
        assert said <= set(templates("zh"))
        assert set(templates_said("zh", EXAMPLE)) == set(EXAMPLE.rglob("zh.po"))
    assert "herfindahl" not in ours


def test_the_graph_of_jobs_imports_no_code_of_an_extension(project):
    code = (
        "import sys; from pathlib import Path; from shidian.study.plan import load_plan;"
        f"load_plan(Path({str(project)!r}));"
        "print([m for m in sys.modules if m.startswith('shidian_extensions.') or m == 'pandas'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_digest_follows_an_extension_and_knows_neither_its_place_nor_its_comments(project):
    mine = project.parent / "mine"
    shared = mine / "shared"
    shared.mkdir()
    (shared / "words.py").write_text("VALUE = 1\n", encoding="utf-8")
    estimate = mine / "kinds" / "group_means" / "estimate.py"
    text = estimate.read_text(encoding="utf-8").replace(
        "from shidian.messages", "from shidian_extensions.shared.words import VALUE\nfrom shidian.messages"
    )
    estimate.write_text(text, encoding="utf-8")
    module = "shidian_extensions.kinds.group_means.estimate"
    use_extensions(project)
    assert "shidian_extensions.shared.words" in job_modules("estimate_exhibit", module)
    first = fresh_digest(mine, module)
    estimate.write_text(text.replace('"""Means', '# a comment\n"""The means'), encoding="utf-8")
    assert fresh_digest(mine, module) == first
    shutil.copytree(mine, mine.parent / "moved")
    assert fresh_digest(mine.parent / "moved", module) == first
    (shared / "words.py").write_text("VALUE = 2\n", encoding="utf-8")
    assert fresh_digest(mine, module) != first
    assert code_digest("estimate_exhibit", kinds()["did_table"].module) != first


def fresh_digest(folder: Path, module: str) -> str:
    """Return the digest as another process sees it."""
    code = f"from shidian.code_digests import code_digest; print(code_digest('estimate_exhibit', {module!r}))"
    with using([folder]):
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_a_bundle_has_a_place_for_every_folder(tmp_path):
    inside, outside, other = tmp_path / "p" / "my_own", tmp_path / "a" / "mine", tmp_path / "b" / "mine"
    for folder in (inside, outside, other):
        (folder / "indicators").mkdir(parents=True)
        (folder / "indicators" / "x.py").write_text("", encoding="utf-8")
    places = places_of(tmp_path / "p", (inside, outside, other))
    assert places == ["my_own", "extensions/mine", "extensions/mine_2"]
    found = extension_files((inside, outside, other), places)
    assert found["extensions/mine_2/indicators/x.py"] == other / "indicators" / "x.py"
    assert "extensions/mine/indicators/x.py" in paths_of("shidian_extensions.indicators.x", places)
    assert "workflow/shidian/errors.py" in paths_of("shidian.errors", places)


ROOM, MEAN, FDH = "kinds/group_means", "estimators/mean_difference.py", "efficiency/free_disposal_hull.py"
BROKEN = [
    (f"{ROOM}/estimate.py", "def run(", "def run(:", r"estimate\.py, line \d+: no valid Python"),
    (f"{ROOM}/estimate.py", "def run(", "def ran(", "there is no function 'run' .did you mean 'ran'"),
    (f"{ROOM}/draw_group_means.py", "def draw(", "def paint(", "there is no function 'draw'"),
    (f"{ROOM}/estimate.py", "import counted", "import count_up", r"line \d+: shidian\.messages has no 'count_up'"),
    (f"{ROOM}/estimate.py", "shidian.errors", "shidian.error", r"there is no module 'shidian\.error' to import"),
    (f"{ROOM}/estimate.py", "import pandas as pd", "import no_such_package", "no module 'no_such_package' to import"),
    (f"{ROOM}/estimate.py", "import pandas as pd", "from .words import X", r"write 'from shidian_extensions\.\.\.\.'"),
    (f"{ROOM}/kind.yaml", "figures:", "figure:", r"kind\.yaml: a kind has no key 'figure' .did you mean 'figures'"),
    (f"{ROOM}/kind.yaml", "[group_means]", "group_means", r"kind\.yaml: at 'figures': 'group_means' is not a list"),
    (f"{ROOM}/kind.yaml", "[group_means]", "[means]", r"at 'figures': no draw_means\.py draws 'means'"),
    (f"{ROOM}/spec.yaml", "defs/digits", "defs/digit", r"spec\.yaml: a \$ref names 'digit'"),
    (f"{ROOM}/spec.yaml", "type: object", "type: objekt", r"spec\.yaml: no JSON Schema: 'objekt'"),
    (f"{ROOM}/spec.yaml", "kind: group_means", "kind: means", r"spec\.yaml: needs 'properties'.*kind: group_means"),
    (f"{ROOM}/spec.yaml", "type: object", "type: [object", r"spec\.yaml: not valid YAML"),
    ("indicators/herfindahl.py", '"takes"', '"takse"', "METHOD has no key 'takse' .did you mean 'takes'"),
    ("indicators/herfindahl.py", '"source"', '"optional"', "METHOD needs the key 'source'"),
    ("indicators/herfindahl.py", '"list",', "len('x'),", r"line \d+: METHOD must be a dictionary written out"),
    ("indicators/herfindahl.py", "METHOD =", "METHODS =", "nothing is assigned to METHOD"),
    ("indicators/herfindahl.py", "def compute", "def computed", "no function 'compute'"),
    ("indicators/herfindahl.py", '"takes"', '"options": {"cost": {"type": "number"}}, "takes"',
     "option 'cost' is of another kind"),
    (FDH, '"about"', '"abut"', "MODEL has no key 'abut'"),
    (FDH, "MODEL = {", 'MODEL = {"options": {"zeros": {}},', "the option 'zeros' is one that every model has"),
    (FDH, "def measure", "def measured", "no function 'measure'"),
    (MEAN, "def refit", "def fit", "no function 'refit'"),
    (MEAN, '"about"', '"abut"', "ESTIMATOR has no key 'abut'"),
    (MEAN, '"fixed_effects": False', '"batched": True', "'batched' is for the project's own"),
    (MEAN, '"robust": {', '"caliper": {', "option 'caliper' is of another kind"),
    ("formats/rst.py", '".rst"', '"rst"', r"FORMAT needs an 'ending' such as '\.rst'"),
    ("formats/rst.py", '".rst"', '".tex"', r"the name '\.tex' is taken by .*/rst\.py"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), BROKEN, ids=[f"{b[0]}: {b[2]}" for b in BROKEN])
def test_a_broken_file_is_one_clear_line_that_names_it(project, file, old, new, message):
    path = project.parent / "mine" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StudyError, match=message) as found:
        load_plan(project)
    assert str(found.value).count("\n") == 0
    assert str(path) in str(found.value) or "is taken by" in str(found.value)


def test_every_fault_has_a_line_of_its_own(project):
    mine = project.parent / "mine"
    (mine / "kind").mkdir()
    (mine / ROOM / "spec.yaml").unlink()
    (mine / "kinds" / "Own-Kind").mkdir()
    with pytest.raises(StudyError) as found:
        load_plan(project)
    text = str(found.value)
    assert f"{mine / 'kind'}: an extension has no folder 'kind' (did you mean 'kinds'?)" in text
    assert f"{mine / ROOM}: a kind needs the file spec.yaml" in text
    assert "Own-Kind: the name of a kind has small letters" in text
    assert "Own-Kind: a kind needs the file kind.yaml" in text


@pytest.mark.parametrize(
    ("file", "name", "other"),
    [(ROOM, "kinds/did_table", "exhibits/did/did_table"),
     ("indicators/herfindahl.py", "indicators/gini.py", "indicators/gini.py"),
     ("efficiency/free_disposal_hull.py", "efficiency/super_sbm.py", "efficiency/models/super_sbm.py"),
     ("estimators/mean_difference.py", "estimators/feols.py", "estimators/feols.py"),
     ("formats/rst.py", "formats/tex.py", "formats/tex.py")],
)  # fmt: skip
def test_a_name_of_ours_is_taken_and_both_files_are_named(project, file, name, other):
    mine = project.parent / "mine"
    (mine / file).rename(mine / name)
    if name == "kinds/did_table":
        spec = (mine / name / "spec.yaml").read_text(encoding="utf-8")
        (mine / name / "spec.yaml").write_text(spec.replace("kind: group_means", "kind: did_table"), encoding="utf-8")
    with pytest.raises(StudyError, match="rename one of the two") as found:
        load_plan(project)
    assert str(mine / name) in str(found.value)
    assert other in str(found.value).split("is taken by")[1]


def test_two_extensions_with_one_name_are_named_both(project):
    shutil.copytree(project.parent / "mine" / "indicators", project.parent / "other" / "indicators")
    configure(project, "extensions: [../mine, ../other]")
    with pytest.raises(StudyError, match=r"other/indicators/herfindahl\.py: .* taken by .*mine/indicators/herfindahl"):
        load_plan(project)


@pytest.mark.parametrize(
    ("line", "message"),
    [("extensions: ../mien", r"config/config.yaml: at 'extensions': .* there is no folder .*did you mean 'mine'"),
     ("extensions: 3", "at 'extensions': 3 is neither"),
     (f"extensions: {ROOT / 'workflow'}", "holds the project's own code")],
)  # fmt: skip
def test_a_folder_that_is_none_is_refused(project, line, message):
    configure(project, line)
    with pytest.raises(StudyError, match=message):
        load_plan(project)


def test_a_study_names_a_kind_of_an_extension_that_is_not_in_force(project):
    path = project / "config" / "studies" / "my_study.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("descriptives", "group_means"), encoding="utf-8")
    configure(project, "")
    with pytest.raises(StudyError, match="'group_means' is no exhibit kind"):
        load_plan(project)


def test_a_model_of_efficiency_is_named_by_its_method_and_scores_the_panel(project):
    path = project / "config" / "studies" / "my_study.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["efficiency"] = {"fdh": {"method": "free_disposal_hull", "inputs": ["ln_people"], "desirable": ["ln_wage"]}}
    dump(path, content)
    plan = load_plan(project)
    (model,) = plan.studies["my_study"].efficiency
    assert model.method == "free_disposal_hull"
    assert not model.pools_years
    assert not model.may_lack_the_best
    (module,) = plan.efficiency_modules("my_study")
    panel = pd.DataFrame({
        "unit": list("abcd"), "unit_name": list("abcd"), "year": 2001, "ln_people": [2.0, 4.0, 4.0, 3.0],
        "ln_wage": [1.0, 1.0, 2.0, 0.5],
    })  # fmt: skip
    scores, _ = solve_part(panel, "fdh", model.model, "2001", module)
    assert scores["score"].tolist() == [1.0, 0.5, 1.0, pytest.approx(2 / 3)]
    content["exhibits"].append({"id": "slacks", "kind": "efficiency_scores", "model": "fdh"})
    dump(path, content)
    with pytest.raises(StudyError, match=r"exhibits\[5\].model.: 'fdh' is of the method free_disposal_hull"):
        load_plan(project)
    content["exhibits"].pop()
    content["efficiency"]["fdh"] = {**content["efficiency"]["fdh"], "returns": "vrs"}
    dump(path, content)
    with pytest.raises(StudyError, match=r"at 'efficiency\.fdh'.*unknown key 'returns'"):
        load_plan(project)


def test_a_fault_at_run_time_names_the_line_of_the_extension(project):
    path = project.parent / "mine" / "indicators" / "herfindahl.py"
    path.write_text(path.read_text(encoding="utf-8").replace('"herfindahl", frame', '"herfindahl"'), encoding="utf-8")
    use_extensions(project)
    compute = import_module(methods()["herfindahl"].module).compute
    with pytest.raises(TypeError) as found:
        compute(Inputs("hhi", {"a": pd.Series([1.0])}, {}, pd.DataFrame()))
    assert re.fullmatch(rf"error in the extension, {path}, line \d+: .*missing 1 required.*", whose_fault(found.value))
    assert whose_fault(ValueError("ours")).startswith("internal error")
