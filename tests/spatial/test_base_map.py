"""Maps on a base map of the user's own, made here: boundary lines, inset, review number, scale, and what is refused."""

import json
import re

import pandas as pd
import pytest
from shidian.errors import StudyError
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.spatial.map.estimate import run as estimate
from shidian.report.figures.draw import draw_figure, save_pdf
from shidian.study.weights_files import refuse_missing, refuse_unfit, with_files

INFO = StudyInfo("toy", "city", "did", seed=1)


def square(x, y, size=2.0):
    return [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]]


def feature(kind, coordinates, **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


FEATURES = [
    feature("Polygon", square(110, 30), adcode=110000, name="甲市"),
    feature("MultiPolygon", [square(112, 30), square(112, 33, 0.5)], adcode=120000, name="乙市"),
    feature("Polygon", square(100, 30), adcode=130000, name="别处"),
    feature("MultiLineString", [[[110, 8], [111, 9]], [[113, 12], [114, 14]]], name="南海断续线"),
]


def written(folder, features):
    path = folder / "china.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return {"base": path.name, "path": str(path), "id": "adcode"}


@pytest.fixture(scope="module")
def panel():
    places = [(unit, year) for unit in ("110000", "120000") for year in (2001, 2002)]
    rows = [(u, y, float(y - 2000), int((u, y) == places[-1])) for u, y in places]
    frame = pd.DataFrame(rows, columns=["unit", "year", "y", "did"])
    return frame.assign(unit_name=frame["unit"].map({"110000": "甲市", "120000": "乙市"}), adoption_year=pd.NA)


def run(panel, base, **changes):
    spec = {"outcome": "y", "years": [2001, 2002], "classes": "breaks", "breaks": [1.5], **changes}
    return estimate(panel, {"id": "map", "kind": "map", **spec, "map": base}, INFO)


def test_units_land_boundary_and_inset_of_a_base_map_are_drawn(panel, tmp_path):
    base = written(tmp_path, FEATURES) | {"review_number": "GS(2024)0650"}
    result = run(panel, base)
    layers = result.figure.data["layers"]
    assert layers.groupby("layer")["part"].nunique().to_dict() == {"land": 1, "line": 2, "unit": 3}
    assert result.figure.options["inset"] == [105.0, 2.0, 123.0, 23.5]
    assert result.estimates["term"].unique().tolist() == ["≤ 1.5000", "> 1.5000"]
    assert any("Base map: china.geojson, review number GS(2024)0650." in note for note in result.notes)
    (tmp_path / "china.geojson").unlink()  # the figure is drawn without the file
    drawing = draw_figure(result.figure, lang="zh")
    assert drawing.get_supxlabel() == "审图号：GS(2024)0650"
    first = drawing.axes[0]
    (apart,) = first.child_axes
    lines = [c for c in apart.collections if len(c.get_paths()) == 2 and c.get_facecolor().size == 0]
    assert lines, "the two dashes of the boundary stand in the inset"
    low, high = apart.get_ylim()
    assert low < lines[0].get_paths()[0].vertices[:, 1].min() < high
    assert first.get_ylim()[0] > high - (high - low) / 2, "the map itself ends above the sea"
    assert [text.get_text() for text in first.texts] == ["200 km"]
    assert len(save_pdf(drawing)) < 500_000


def test_boundary_and_inset_may_be_declared(panel, tmp_path):
    named = [*FEATURES[:3], feature("Polygon", square(111, 10, 0.2), adcode=None, layer="b"),
             feature("LineString", [[105, 31], [106, 32]], layer="river")]  # fmt: skip
    base = written(tmp_path, named)
    found = run(panel, base | {"boundary": {"layer": "b"}, "inset": "none"}).figure
    assert found.data["layers"].groupby("layer")["part"].nunique().to_dict() == {"land": 1, "line": 1, "unit": 3}
    assert "inset" not in found.options
    assert not draw_figure(found).axes[0].child_axes
    elsewhere = run(panel, base | {"boundary": "none"})
    assert "line" not in set(elsewhere.figure.data["layers"]["layer"])
    assert any("without a review number: not for publication in China" in note for note in elsewhere.notes)


def test_the_shipped_outlines_are_not_for_publication_in_china(panel):
    result = estimate(
        panel, {"id": "map", "kind": "map", "outcome": "y", "years": [2002], "classes": "breaks", "breaks": [1]}, INFO
    )
    assert any(note.endswith("no review number: not for publication in China.") for note in result.notes)


@pytest.mark.parametrize(
    ("features", "changes", "message"),
    [
        (FEATURES[:3], {}, r"china\.geojson: it has no boundary lines .*nine-dash"),
        (FEATURES, {"id": "adcod"}, r"property 'adcod' is code or name .*did you mean 'adcode'.*adcode, name"),
        ([], {}, "it has no outlines"),
        ([feature("Polygon", square(4e6, 3e6), adcode=110000)], {"boundary": "none"}, "no degrees"),
        ([{"type": "Feature", "geometry": {"type": "Polygon"}}], {}, "no GeoJSON file"),
    ],
)
def test_a_base_map_that_cannot_be_drawn_is_refused(panel, tmp_path, features, changes, message):
    result = run(panel, written(tmp_path, features) | changes)
    assert result.figure is None
    assert re.search(message, result.notes[0]), result.notes[0]


def test_the_file_is_looked_for_before_the_run_and_its_content_makes_stale(tmp_path):
    exhibit = {"id": "map", "map": {"base": "chna.geojson"}}
    folder = tmp_path / "resources" / "geo"
    folder.mkdir(parents=True)
    written(folder, FEATURES)
    with pytest.raises(StudyError, match=r"at 'map.base': there is no .*chna.geojson.*did you mean 'china.geojson'"):
        refuse_missing(tmp_path, {"study: exhibit 'map'": exhibit})
    one = with_files(tmp_path, {"id": "map", "map": {"base": "china.geojson"}})["map"]
    written(folder, FEATURES[:3])
    assert with_files(tmp_path, {"id": "map", "map": {"base": "china.geojson"}})["map"]["sha256"] != one["sha256"]
    with pytest.raises(StudyError, match=r"exhibit 'map': at 'map\.inset': west, south, east, north"):
        refuse_unfit({"id": "map", "map": {"base": "china.geojson", "inset": [123, 2, 105, 23]}}, None)
