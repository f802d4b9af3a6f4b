"""Arrow tables whose repeating texts are dictionary-encoded, for pandas: there they are plain texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from shidian.whole_files import whole

NEARLY_EQUAL = ("cell_id", "cell", "row_label")
"""Columns whose texts begin as the one before: written as what is new in each."""


@dataclass(frozen=True)
class Texts:
    """Texts that codes point at, each stored once; code -1 is missing."""

    distinct: pa.Array
    codes: np.ndarray

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Texts:
        """Take texts, or None for a missing one."""
        numbers = {value: i for i, value in enumerate(dict.fromkeys(v for v in values if v is not None))}
        codes = np.fromiter((numbers.get(value, -1) for value in values), np.int32, len(values))  # type: ignore[arg-type]
        return cls(pa.array(list(numbers), type=pa.string()), codes)

    def at(self, positions: np.ndarray) -> pa.DictionaryArray:
        """Return the texts at some positions, with a dictionary of those that occur."""
        codes = self.codes.take(positions)
        occurs = np.zeros(len(self.distinct) + 1, dtype=bool)
        occurs[codes] = True  # -1 marks the last, which stands for a missing text
        if occurs[:-1].all():
            mask = codes < 0 if occurs[-1] else None
            return pa.DictionaryArray.from_arrays(pa.array(codes, mask=mask), self.distinct)
        numbers = (np.cumsum(occurs) - 1).astype(np.int32)
        indices = pa.array(numbers.take(codes), mask=codes < 0 if occurs[-1] else None)
        return pa.DictionaryArray.from_arrays(indices, self.distinct.filter(pa.array(occurs[:-1])))


def plain_frame(table: pa.Table) -> pd.DataFrame:
    """Return a table as a data frame of plain texts, floats, and integers that may be missing."""
    return _plain(table).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)


def for_parquet(table: pa.Table) -> pa.Table:
    """Return a table such that ``pandas.read_parquet`` reads what :func:`plain_frame` gives."""
    described = pa.Schema.from_pandas(plain_frame(table.slice(0, 0))).metadata
    return _plain(table).replace_schema_metadata(described)


def _plain(table: pa.Table) -> pa.Table:
    fields = [field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in table.schema]
    return table.cast(pa.schema(fields))


def write_tables(path: str | Path, tables: Iterable[pa.Table]) -> None:
    """Write tables of the same columns one below the other, as Parquet, whole, the same bytes for the same tables.

    ``pandas.read_parquet`` reads what :func:`plain_frame` gives of them; repeating texts stay dictionaries in the file.
    """
    tables = iter(tables)
    first = next(tables)
    encoded = [name for name in first.schema.names if name not in NEARLY_EQUAL]
    encodings = {name: "DELTA_BYTE_ARRAY" for name in first.schema.names if name in NEARLY_EQUAL}
    options = {"compression": "zstd", "use_dictionary": encoded, "column_encoding": encodings, "store_schema": False}
    with whole(path) as part, pq.ParquetWriter(part, first.schema, **options) as writer:
        for table in chain([first], tables):
            writer.write_table(table)
        writer.add_key_value_metadata(for_parquet(first.slice(0, 0)).schema.metadata)
