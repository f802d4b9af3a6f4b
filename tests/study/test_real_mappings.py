"""``real_sources``: several sources for one, one for several, other names and units, none; what lacks told at once."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from shidian.errors import PanelError, StudyError
from shidian.trace.command import trace

from . import real_towns as towns
from .built_study import Built, built_study, flat_source

pytestmark = pytest.mark.usefixtures("own_raw_files")


def built(folder, study=towns.STUDY, sources=None, **changes) -> Built:
    return built_study(folder, study, [*towns.simulated(), *(sources or towns.own())], towns.real(**changes))


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Built:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SHIDIAN_RAW", raising=False)
        return built(tmp_path_factory.mktemp("towns"))


def ledger(done: Built, step: str, subject: str) -> str:
    lines = done.panel.ledger
    return " ".join(lines.loc[(lines["step"] == step) & (lines["subject"] == subject), "reason"].astype(str))


def test_values_are_in_the_units_that_the_study_computes_with(done):
    table, frame = towns.rows(), done.panel.frame
    workers = np.exp(frame["ln_workers"])
    assert np.allclose(workers, table["staff_wan"] * 1e4), "人, though the real source prints 万人"
    expected = table["pay"] / 1e4 / (table["staff_wan"] * 1e4)  # 万元 a person
    same = (frame["year"] != 2008).to_numpy()
    assert np.allclose(frame["wage"][same], expected[same])
    assert np.allclose(frame["wage"][~same], expected[~same]), "the second source fills what the first has not"
    assert "printed in 万人, converted to 人: times 10000" in ledger(done, "convert", "book.staff_wan")


def test_agreement_of_two_sources_is_counted_and_what_is_taken_is_named(done):
    said = ledger(done, "precedence", "book.pay")
    assert (
        "'book.pay' counts before 'second.pay'; both give 84 values, 12 differ, by 9.1% of the larger in the median"
        in said
    )
    assert "taken from 'second.pay', where 'book.pay' has no value" in said
    (trace,) = done.trace("101", 2008, "wage")
    assert [cell.file for cell in trace.cells if cell.indicator == "book.pay"] == ["second.csv"]
    (trace,) = done.trace("101", 2003, "wage")
    assert [cell.file for cell in trace.cells if cell.indicator == "book.pay"] == ["book.csv"]


def test_preferring_the_other_source_takes_its_values(tmp_path):
    entry = {
        **towns.REAL["sim_book"],
        "provides": {"wages": "pay", "workers": "staff_wan"},
        "prefer": ["second", "book"],
    }
    frame, table = built(tmp_path, sim_book=entry).panel.frame, towns.rows()
    of_2003 = (frame["year"] == 2003).to_numpy()
    expected = table["pay"] / 1e4 / (table["staff_wan"] * 1e4)
    assert np.allclose(frame["wage"][of_2003], 1.1 * expected[of_2003])
    assert np.allclose(frame["wage"][~of_2003], expected[~of_2003])


def test_what_is_left_out_is_empty_and_exhibits_say_so(done):
    assert done.panel.frame[["words", "squared", "capital"]].isna().all().all()
    assert ledger(done, "variables", "squared") == "'sim_texts' is left out under 'real_sources' in config/config.yaml"
    study = done.plan.studies["towns"]
    assert [e["id"] for e in study.exhibits] == ["summary", "baseline", "plain", "compared"]
    assert "exhibit 'dynamics' is left out: it uses 'words', and 'sim_texts' is left out" in "\n".join(
        done.plan.notices
    )
    table = done.result("baseline").estimates.set_index("column")
    assert np.isfinite(table.loc["(1)", "estimate"])
    assert table.loc["(2)", "reason"] == "no row is left: no row has a value of squared"
    compared = study.exhibit("compared")["numbers"]
    assert [number["exhibit"] for number in compared] == ["baseline"]


def test_nothing_of_the_sources_is_simulated_and_each_is_cited(done):
    meta = done.plan.report_meta("towns")
    assert not done.plan.is_simulated("towns")
    assert "simulat" not in meta.lower().replace('"simulated": false', "")
    assert all(f'"id": "{name}"' in meta for name in ("book", "second", "listed"))


def test_units_that_the_data_lack_are_a_line_of_the_ledger(done):
    assert ledger(done, "exclude", "999") == "boundary changes (no unit of these data: 999)"


def test_exhibits_exclude_units_that_the_data_lack_and_say_so(done):
    result = done.result("baseline")
    assert np.isfinite(result.estimates.set_index("column").loc["(3)", "estimate"])
    assert result.estimates.set_index("column").loc["(3)", "n_obs"] == 10 * 7, "112 and the undated 106 are out"
    assert "without 998, of which these data have none" in " ".join(result.notes)


def test_units_listed_without_a_year_follow_the_mapping(done, tmp_path):
    treated = done.panel.frame.groupby("unit")["left_out"].first()
    assert treated["106"].startswith("listed as treated without a year")
    with pytest.raises(Exception, match="undated"):
        built(tmp_path, sim_pilots="listed")


def test_exclusions_of_the_data_are_added_to_those_of_the_study(tmp_path):
    entry = {**towns.REAL["sim_units"], "exclude": [{"units": ["101"], "years": [2001, 1990], "reason": "a slip"}]}
    frame = built(tmp_path, sim_units=entry).panel.frame
    assert not ((frame["unit"] == "101") & (frame["year"] == 2001)).any()
    assert ((frame["unit"] == "101") & (frame["year"] == 2002)).any()


def refused(tmp_path, study=towns.STUDY, sources=None, **changes) -> str:
    with pytest.raises(StudyError) as problem:
        built(tmp_path, study, sources, **changes)
    return str(problem.value)


def test_all_series_that_lack_are_told_at_once_with_what_is_like_them(tmp_path):
    said = refused(tmp_path, sim_units="book", sim_book="book")
    assert "3 series that the study reads are in none of the real sources; `shidian needs towns`" in said
    assert said.endswith("'sim_units.capital': not in book")
    assert all(f"'sim_book.{name}': not in book" in said for name in ("wages", "workers"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sim_units": None}, "'real_sources.sim_units': the study takes its units and years from it (role: frame)"),
        ({"sim_pilots": None}, "at 'treatment': the study cannot be without 'sim_pilots.pilot_year'"),
        ({"sim_book": {"sources": ["book", "second"], "provides": {"wages": "pay", "workers": "staff_wan"}}},
         "'sim_book.wages' is given by book.pay and second.pay: say which counts first by 'prefer: [book, second]'"),
        ({"sim_book": {"sources": "book", "provides": {"wages": "staff_wan", "workers": "staff_wan"}}},
         "'sim_book.wages' is in 万元, 'book.staff_wan' in 万人"),
        ({"sim_book": {"sources": "book", "provides": {"wages": "pays", "workers": "staff_wan"}}},
         "'sim_book.wages': not in book (provides: pays) (did you mean 'pay'?)"),
        ({"sim_book": {"sources": ["book", "second"], "provides": {"wages": ["book.pay", "second.wage"]}}},
         "'sim_book.wages': none of book, second gives 'second.wage'"),
        ({"sim_units": {"sources": "book", "provides": {"capital": "staff_wan"}}},
         "'sim_units.capital' is in 1, 'book.staff_wan' in 万人"),
        ({"sim_book": {"sources": "book", "prefer": ["second"]}}, "'second' is none of its 'sources' (book)"),
        ({"sim_book": ["book", "sekond"]}, "there is no config/sources/sekond.yaml (did you mean 'second'?)"),
        ({"sim_book": {"sources": "book", "provide": {}}}, "unknown key 'provide'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_line(tmp_path, changes, words):
    assert words in refused(tmp_path, **changes)


def test_an_outcome_that_is_left_out_leaves_dashes_alone(tmp_path):
    study = {**copy.deepcopy(towns.STUDY), "outcome": "capital"}
    done = built(tmp_path, study)
    assert [e["id"] for e in done.plan.studies["towns"].exhibits] == ["summary", "baseline", "compared"]
    assert done.result("baseline").estimates["estimate"].isna().all()


def test_a_study_of_which_no_exhibit_is_left_is_refused(tmp_path):
    study = copy.deepcopy(towns.STUDY)
    study["exhibits"] = [e for e in study["exhibits"] if e["id"] == "dynamics"]
    assert "no exhibit is left: the first, 'dynamics', goes since it uses 'words'" in refused(tmp_path, study)


def test_columns_of_a_real_source_that_are_called_like_variables_do_not_stand_in_their_way(tmp_path):
    sources = towns.own()
    book, table = sources[0]
    book = copy.deepcopy(book)
    book["tables"][0]["columns"]["wage"] = {"header": "wage", "measure": "元"}
    book["tables"][0]["columns"]["words"] = {"header": "words", "measure": "1"}
    sources[0] = (book, table.assign(wage=1.0, words=2.0))
    frame = built(tmp_path, sources=sources).panel.frame
    assert frame["words"].isna().all()
    assert not (frame["wage"] == 1.0).any()


def test_a_source_may_join_by_code_beside_the_one_that_is_the_frame(tmp_path):
    """Units from one source, a fact of theirs from a second that has no years."""
    facts = flat_source("facts", towns.UNIT, {"capital": "1"})
    table = towns.pilots().assign(capital=1)[["town", "town_name", "capital"]]
    entry = {"sources": ["book", "facts"]}
    frame = built(tmp_path, sources=[*towns.own(), (facts, table)], sim_units=entry).panel.frame
    assert frame.groupby("unit")["capital"].first().notna().sum() == 6


def test_a_trace_of_results_made_from_other_sources_is_one_line(done, tmp_path):
    """Such as after an entry of ``real_sources`` is taken out again."""
    folder = tmp_path / "results" / "towns"
    folder.mkdir(parents=True)
    long = done.panel.long.assign(source_id=done.panel.long["source_id"].astype(str).replace("book", "sim_book"))
    long.to_parquet(folder / "panel_long.parquet")
    study, sources = done.plan.studies["towns"], done.plan.sources
    for words in (["baseline", "(1)"], ["101", "2005", "wage"]):
        with pytest.raises(PanelError) as refused:
            trace(study, sources, tmp_path / "results", words)
        assert "were made from sim_book, and the study now reads book, listed, second" in str(refused.value)


def test_the_trace_of_a_column_that_is_left_out_says_why(done):
    (trace_of, *_) = done.trace("101", 2005, "squared")
    assert np.isnan(trace_of.value)
    assert trace_of.beyond == "'sim_texts' is left out under 'real_sources' in config/config.yaml"
