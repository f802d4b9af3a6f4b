"""Files of a study that are numbered: chunks of draws, batches of a source's files, years of an efficiency model."""

from types import SimpleNamespace

import pytest
from shidian.study import paths


@pytest.mark.parametrize(
    ("draws", "chunk", "names"),
    [(10, 4, ["0_3", "4_7", "8_9"]), (8, 4, ["0_3", "4_7"]), (1, 4, ["0_0"]), (3, 1, ["0_0", "1_1", "2_2"])],
)
def test_chunks_hold_every_draw_once(draws, chunk, names):
    study = SimpleNamespace(exhibit=lambda _: {"draws": draws, "chunk": chunk})
    found = paths.placebo_chunks(SimpleNamespace(studies={"s": study}), "s", "p")
    assert found == [f"results/s/placebo/p/draws_{name}.parquet" for name in names]


@pytest.mark.parametrize(("text", "most"), [(False, paths.BATCH), (True, paths.TEXT_BATCH)])
def test_batches_hold_every_file_once(text, most):
    def batches(count):
        source = SimpleNamespace(source="y", files=[None] * count, is_text=text)
        return [path.removeprefix("results/sources/y/") for path in paths.extracted_of(source, "csv")]

    assert batches(1) == ["1_1.csv"]
    assert batches(most) == [f"1_{most}.csv"]
    assert batches(most + 1) == [f"1_{most}.csv", f"{most + 1}_{most + 1}.csv"]


def test_a_part_for_every_year_of_a_model_that_is_not_left_out():
    away = SimpleNamespace(units=(), late=False, years=(2004,))
    some = SimpleNamespace(units=("a",), late=False, years=(2005,))
    models = (SimpleNamespace(name="each", pools_years=False, years=(2003, 2006)),
              SimpleNamespace(name="one", pools_years=True, years=(2003, 2006)))  # fmt: skip
    study = SimpleNamespace(panel=SimpleNamespace(exclusions=(away, some)), efficiency=models)
    found = paths.score_parts(SimpleNamespace(studies={"s": study}), "s")
    parts = ["each/2003", "each/2005", "each/2006", "one/all"]
    assert found == [f"results/s/efficiency/{part}.parquet" for part in parts]
