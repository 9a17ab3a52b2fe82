"""Prints the rows of a Parquet file as DuckDB and as pyarrow read them: one JSON document, whole numbers as text."""

import datetime
import json
import sys

import duckdb
import pyarrow.parquet


def shown(value):
    if isinstance(value, bool) or value is None or isinstance(value, (float, str)):
        return value
    if isinstance(value, int):
        return {"whole": str(value)}
    if isinstance(value, datetime.datetime):
        return {"instant": value.astimezone(datetime.timezone.utc).isoformat()}
    raise TypeError(type(value))


def rows(names, table):
    return [{name: shown(value) for name, value in zip(names, row)} for row in table]


path = sys.argv[1]
connection = duckdb.connect()
relation = connection.sql("SELECT * FROM read_parquet($path)", params={"path": path})
arrow = pyarrow.parquet.read_table(path)
print(
    json.dumps(
        {
            "duckdb": rows(relation.columns, relation.fetchall()),
            "pyarrow": rows(arrow.column_names, zip(*(column.to_pylist() for column in arrow.columns))),
        }
    )
)
