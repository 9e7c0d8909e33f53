"""Workbooks (.xlsx), read with openpyxl, an optional dependency: the extra `import`."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence

from icdref.importers.errors import ImportFault

_LARGEST_PART = 64 * 1024 * 1024
_MOST_ROWS = 200_000


def sheet_rows(content: bytes, file: str) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield (line, cells) of a workbook's first sheet. Raises ImportFault for what is damaged, and where openpyxl is missing."""
    try:
        import openpyxl  # noqa: PLC0415  only needed for workbooks
    except ImportError:
        raise ImportFault(file, 0, "a workbook needs openpyxl; run: pip install 'icdref[import]', or save it as CSV") from None
    _refuse_unsafe(content, file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
                if number > _MOST_ROWS:
                    raise ImportFault(file, number, f"more than {_MOST_ROWS} rows")
                yield number, cells
    except ImportFault:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise ImportFault(file, 0, f"not readable as a workbook: {type(error).__name__}") from None


def _refuse_unsafe(content: bytes, file: str) -> None:
    """Refuse a workbook with a DOCTYPE in a part, or with a part that unpacks to more than any table needs."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            total = 0
            for info in archive.infolist():
                total += info.file_size
                if total > _LARGEST_PART:
                    raise ImportFault(file, 0, f"more than {_LARGEST_PART} bytes when unpacked")
                if info.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(info):
                    raise ImportFault(file, 0, f"a DOCTYPE in {info.filename} is not accepted")
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise ImportFault(file, 0, f"the workbook is damaged: {error}") from None
