"""Copies DuckDB's extensions out of their wheels to where DuckDB looks for them: nothing is downloaded later."""

from duckdb_extensions import import_extension

for name in ("icu", "ducklake", "httpfs", "spatial"):
    import_extension(name)
