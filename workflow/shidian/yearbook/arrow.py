"""Arrow tables whose repeating texts are dictionary-encoded, for pandas: there they are plain texts."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa


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
