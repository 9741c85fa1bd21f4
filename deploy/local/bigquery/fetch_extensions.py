"""Copies DuckDB's extensions, all that are installed as packages, to where DuckDB looks for them: nothing is
downloaded later.
"""

from importlib.metadata import distributions

from duckdb_extensions import import_extension

PREFIX = "duckdb_extension_"

for package in distributions():
    name = package.metadata["Name"].replace("-", "_")
    if name.startswith(PREFIX):
        import_extension(name.removeprefix(PREFIX))
