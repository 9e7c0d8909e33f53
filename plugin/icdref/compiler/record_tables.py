"""Diagnosis records as a table of the engine: Parquet as it is, CSV with nothing left to be guessed.

A reader that guesses takes `#1,A00.0` for a comment and a short row for the whole table; each row counts here.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from icdref.compiler.parquet import quoted
from icdref.importers.errors import ImportFault

_DELIMITERS: Final = ",;\t|"
_LONGEST_HEADER: Final = 1024 * 1024


def table_of(path: Path) -> str:
    """Return the SQL that reads a CSV or Parquet file. Raises ImportFault where the head of a CSV file is none."""
    if path.suffix != ".csv":
        return f"read_parquet({quoted(path)})"
    delimiter, columns = read_head(path)
    types = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in columns)
    return (
        f"read_csv({quoted(path)}, auto_detect = false, header = true, delim = {_text(delimiter)}, quote = '\"', escape = '\"',"
        f" comment = '', null_padding = false, columns = {{{types}}})"
    )


def written_table(path: Path, form: str, columns: int) -> str:
    """Return the SQL that reads what was written, by its form and not by its name."""
    if form != ".csv":
        return f"read_parquet({quoted(path)})"
    types = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(columns))
    return (
        f"read_csv({quoted(path)}, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"',"
        f" comment = '', columns = {{{types}}})"
    )


def read_head(path: Path) -> tuple[str, list[str]]:
    """Return the delimiter of a CSV file and the names in its first row. Raises ImportFault."""
    with path.open("rb") as stream:
        line = stream.readline(_LONGEST_HEADER)
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ImportFault(str(path), 1, "a byte outside UTF-8") from None
    delimiter = max(_DELIMITERS, key=lambda each: (text.count(each), -_DELIMITERS.index(each)))
    try:
        names = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise ImportFault(str(path), 1, f"the row of column names is not readable: {error}") from None
    if not names or not all(name.strip() for name in names):
        raise ImportFault(str(path), 1, "the first row must name every column")
    if doubled := next((name for name in names if [each.casefold() for each in names].count(name.casefold()) > 1), ""):
        raise ImportFault(str(path), 1, f"two columns are named {doubled!r}")
    return delimiter, names


def column_named(path: Path, columns: list[str], wanted: str) -> str:
    """Return the column that a name means, whatever its capitals and the blanks around it. Raises ImportFault."""
    if wanted in columns:
        return wanted
    alike = [name for name in columns if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) != 1:
        raise ImportFault(str(path), 1, f"has no column {wanted!r}; it has {', '.join(columns)}")
    return alike[0]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
