"""Files of the panel's raw values: the records of a source, as far as a study needs them, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shidian.panel.coded import REPEATING
from shidian.yearbook.arrow import Texts

ROWS = 1 << 20
"""Rows that are written at a time."""
UNIT_YEAR = ("unit_code", "unit_name", "province", "year")


def read_records(paths: Iterable[Path | str], series: Collection[str]) -> pd.DataFrame:
    """Read the records of some series, and of each unit and year that only other series have, one record at least.

    Args:
        paths: files of records (docs/architecture.md) of one source, in order.
        series: names of the series.

    Returns:
        Records in the order of the files, repeating texts as categories.
    """
    names = pa.array(sorted(series), type=pa.string())
    parts = (_needed(part, names) for path in paths for part in _row_groups(path))
    table = pa.concat_tables(parts).unify_dictionaries()
    return table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get, self_destruct=True, split_blocks=True)


def _row_groups(path: Path | str) -> Iterable[pa.Table]:
    texts = [name for name in pq.read_schema(path).names if name in REPEATING]
    file = pq.ParquetFile(path, read_dictionary=texts)
    return (file.read_row_group(i, use_threads=False).replace_schema_metadata() for i in range(file.num_row_groups))


def _needed(records: pa.Table, names: pa.Array) -> pa.Table:
    """Return the records of some series, and those whose unit or year is not that of the record above."""
    wanted = pc.is_in(records["indicator"].cast(pa.string()), value_set=names).to_numpy(zero_copy_only=False)
    for name in UNIT_YEAR:
        column = records[name].combine_chunks()
        codes = column.indices if isinstance(column, pa.DictionaryArray) else column
        codes = pc.fill_null(codes, -1).to_numpy()
        wanted[:1] = True
        wanted[1:] |= codes[1:] != codes[:-1]
    return records if wanted.all() else records.filter(pa.array(wanted))


def read_long(path: Path | str, more: Sequence[str] = ()) -> pd.DataFrame:
    """Read of the raw values behind a panel which cell stands where; repeating texts are categories.

    Returns:
        Columns unit, year, source_id, indicator, flag, cell_id, and those in ``more``.
    """
    names = ["unit", "year", "source_id", "indicator", "flag", "cell_id", *more]
    coded = [name for name in names if name in REPEATING]
    table = pq.read_table(path, columns=names, read_dictionary=coded, use_threads=False).replace_schema_metadata()
    return table.unify_dictionaries().to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get, self_destruct=True)


def long_tables(long: pd.DataFrame) -> Iterator[pa.Table]:
    """Give the raw values behind a panel as tables of some rows, for ``shidian.yearbook.arrow.write_tables``."""
    texts = {name: _texts(long[name]) for name in long if isinstance(long[name].dtype, pd.CategoricalDtype)}
    for start in range(0, max(len(long), 1), ROWS):
        rows = slice(start, start + ROWS)
        yield pa.table({
            name: texts[name].at(np.arange(len(long))[rows]) if name in texts else _plain(long[name].iloc[rows])
            for name in long
        })  # fmt: skip


def _texts(column: pd.Series) -> Texts:
    return Texts(pa.array(column.cat.categories, type=pa.string()), column.cat.codes.to_numpy(dtype=np.int32))


def _plain(column: pd.Series) -> pa.Array:
    found = pa.Array.from_pandas(column)
    return found.cast(pa.string()) if pa.types.is_large_string(found.type) else found
