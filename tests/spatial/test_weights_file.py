"""Weights of a user's file: matrices and lists of links in several formats, outlines, and what is refused of them."""

import json

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError, StudyError
from shidian.exhibits.spatial.spatial_inputs import build_weights, describe
from shidian.spatial.weights import from_frame, normalise
from shidian.study.weights_files import refuse_missing, refuse_unfit, with_files

CODES = ["11", "12", "13", "14"]
NAMES = dict(zip(CODES, ["Anshi", "Beishi", "Cishi", "Doshi"], strict=True))
W = pd.DataFrame([[0, 1, 0, 2.5], [1, 0, 1, 0], [0, 1, 0, 1], [2.5, 0, 1, 0]], index=CODES, columns=CODES, dtype=float)
PANEL = pd.DataFrame({
    "unit": np.repeat(CODES, 2), "unit_name": np.repeat(list(NAMES.values()), 2), "year": [2001, 2002] * 4,
})  # fmt: skip


def links(names=None, weights=True):
    rows = [(i, j, W.loc[i, j]) for i in CODES for j in CODES if W.loc[i, j]]
    frame = pd.DataFrame(rows, columns=["from", "to", "w"]).replace(names or {})
    return frame if weights else frame[["from", "to"]]


def built(path, panel=PANEL, **more):
    return build_weights(panel, {"kind": "file", "file": path.name, "path": str(path), "normalise": "none", **more})


def write_csv(folder, frame, index):
    path = folder / "w.csv"
    frame.to_csv(path, index=index)
    return path


def write_excel(folder, frame, index):
    path = folder / "w.xlsx"
    frame.to_excel(path, index=index, sheet_name="W")
    return path


def write_stata(folder, frame, index):
    path = folder / "w.dta"
    (frame.reset_index() if index else frame).rename(columns=str).to_stata(path, write_index=False)
    return path


@pytest.mark.parametrize("write", [write_csv, write_excel])
@pytest.mark.parametrize("names", [{}, NAMES])
def test_a_square_matrix_named_by_code_or_name_in_any_order(tmp_path, write, names):
    frame = W.loc[CODES[::-1], [*CODES[2:], *CODES[:2]]].rename(index=names, columns=names)
    found = built(write(tmp_path, frame, True))
    assert found.codes == tuple(CODES)
    np.testing.assert_array_equal(found.matrix, W)


@pytest.mark.parametrize("write", [write_csv, write_excel, write_stata])
@pytest.mark.parametrize("names", [{}, NAMES])
def test_a_list_of_links(tmp_path, write, names):
    np.testing.assert_array_equal(built(write(tmp_path, links(names), False)).matrix, W)


def test_links_without_a_weight_count_one_and_a_header_is_not_needed(tmp_path):
    (tmp_path / "w.csv").write_text(links(weights=False).to_csv(index=False, header=False), encoding="utf-8")
    np.testing.assert_array_equal(built(tmp_path / "w.csv").matrix, W > 0)


@pytest.mark.parametrize("first", ["4", "0 4 shape id"])
def test_a_gal_file(tmp_path, first):
    lines = [first]
    for code in CODES:
        near = [other for other in CODES if W.loc[code, other]]
        lines += [f"{code} {len(near)}", " ".join(near)]
    (tmp_path / "w.gal").write_text("\n".join(lines) + "\n", encoding="utf-8")
    np.testing.assert_array_equal(built(tmp_path / "w.gal").matrix, W > 0)


def test_units_of_the_file_that_the_sample_has_not_are_left_out(tmp_path):
    panel = PANEL[PANEL["unit"] != "12"]
    found = built(write_csv(tmp_path, W, True), panel)
    np.testing.assert_array_equal(found.matrix, W.loc[found.codes, list(found.codes)])


def test_rows_are_normalised_as_declared_and_the_note_names_the_file(tmp_path):
    path = write_csv(tmp_path, W, True)
    found = built(path, normalise="row")
    np.testing.assert_allclose(found.matrix, normalise(from_frame(W), "row").matrix)
    assert describe(found).startswith("Weights: file w.csv, row-normalised")


SQUARE = "unit,11,12,13,14\n"
BAD = {
    "1 of 4 units are not in the file, by code or exact name: 14": "a,b,w\n11,12,1\n12,13,1\n",
    "4 of 4 units are not in the file": "a,b,w\nx,y,1\nz,x,1\n",
    "neither a square matrix with the units in its first row and column nor a list of links": "a,b,c,d\n1,2,3,4\n",
    "first row and first column name different units: 14, 15": (
        f"{SQUARE}11,0,1,1,1\n12,1,0,1,1\n13,1,1,0,1\n15,1,1,1,0\n"
    ),
    "'x' in the row of '12' is no number": f"{SQUARE}11,0,1,1,1\n12,x,0,1,1\n13,1,1,0,1\n14,1,1,1,0\n",
    "unit '13' is its own neighbour": f"{SQUARE}11,0,1,1,1\n12,1,0,1,1\n13,1,1,5,1\n14,1,1,1,0\n",
    "the weight of '11' for '12' is -1": f"{SQUARE}11,0,1,1,1\n12,-1,0,1,1\n13,1,1,0,1\n14,1,1,1,0\n",
    "the link from '11' to '12' stands twice": "11,12,1\n11,12,2\n13,14,1\n",
    "no unit has a neighbour": f"{SQUARE}11,0,0,0,0\n12,0,0,0,0\n13,0,0,0,0\n14,0,0,0,0\n",
}


@pytest.mark.parametrize("reason", BAD)
def test_what_is_no_matrix_of_these_units_is_refused_with_the_reason(tmp_path, reason):
    (tmp_path / "w.csv").write_text(BAD[reason], encoding="utf-8")
    with pytest.raises(EstimationError, match=r"weights \(file w\.csv\)") as refusal:
        built(tmp_path / "w.csv")
    assert reason in str(refusal.value)


def outlines(folder, name="code"):
    """Three squares in a row and one that lies apart but for a corner."""
    corners = {"11": (0, 0), "12": (1, 0), "13": (2, 0), "14": (3, 1)}
    features = []
    for code, (x, y) in corners.items():
        ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
        geometry = {"type": "MultiPolygon", "coordinates": [[ring]]} if code == "12" else {
            "type": "Polygon", "coordinates": [ring]}  # fmt: skip
        features.append({"type": "Feature", "properties": {name: NAMES[code]}, "geometry": geometry})
    path = folder / "o.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return {"kind": "contiguity", "file": path.name, "path": str(path), "normalise": "none"}


def test_outlines_that_touch_are_neighbours_corners_too(tmp_path):
    found = build_weights(PANEL, outlines(tmp_path))
    expected = np.zeros((4, 4))
    for i, j in ((0, 1), (1, 2), (2, 3)):
        expected[i, j] = expected[j, i] = 1
    np.testing.assert_array_equal(found.matrix, expected)
    named = build_weights(PANEL, {**outlines(tmp_path, "NAME"), "id": "NAME"})
    np.testing.assert_array_equal(named.matrix, expected)


def test_outlines_without_the_property_or_of_another_kind_are_refused(tmp_path):
    with pytest.raises(EstimationError, match=r"no outline has the property 'code'.*its properties are NAME"):
        build_weights(PANEL, outlines(tmp_path, "NAME"))
    (tmp_path / "o.geojson").write_text("{}", encoding="utf-8")
    declared = {"kind": "contiguity", "file": "o.geojson", "path": str(tmp_path / "o.geojson")}
    with pytest.raises(EstimationError, match="no GeoJSON file of polygons"):
        build_weights(PANEL, declared)


def test_a_study_is_told_before_the_run_what_its_weights_lack(tmp_path):
    exhibit = {"id": "sdm", "weights": {"kind": "file", "file": "rial.csv"}}
    folder = tmp_path / "resources" / "weights"
    folder.mkdir(parents=True)
    (folder / "rail.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"exhibit 'sdm': at 'weights.file': there is no .*rial.csv.*mean 'rail.csv'"):
        refuse_missing(tmp_path, {"exhibit 'sdm'": exhibit})
    cases = (
        ({"kind": "file"}, "weights of kind file want the name of a file"),
        ({"kind": "k_nearest", "file": "rail.csv"}, "weights of kind k_nearest read no file"),
        ({"kind": "contiguity"}, "the borders that are known are those of China's prefectures"),
    )
    for weights, words in cases:
        with pytest.raises(StudyError, match=words):
            refuse_unfit({"id": "sdm", "weights": weights}, {"label": "state"})
    refuse_unfit({"id": "sdm", "weights": {"kind": "contiguity"}}, {"label": "city", "level": "city"})


def test_an_edited_file_makes_its_exhibits_stale_also_in_the_options_of_a_placebo(tmp_path):
    path = tmp_path / "resources" / "weights" / "rail.csv"
    path.parent.mkdir(parents=True)
    declared = {"kind": "file", "file": "rail.csv"}
    found = []
    for text in ("a,b\n", "a,c\n"):
        path.write_text(text, encoding="utf-8")
        found.append(with_files(tmp_path, {"weights": declared, "options": {"weights": declared}}))
    assert found[0]["weights"]["sha256"] != found[1]["weights"]["sha256"]
    assert found[0]["options"]["weights"]["sha256"] != found[1]["options"]["weights"]["sha256"]
    assert with_files(tmp_path, {"weights": "pop"}) == {"weights": "pop"}
