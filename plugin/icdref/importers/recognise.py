"""What a file is, by its content: names and folders change every year and decide nothing."""

from __future__ import annotations

import re

from icdref.importers import poa
from icdref.importers.archives import is_spreadsheet
from icdref.importers.conversion_table import HEADER as CONVERSION_HEADER
from icdref.importers.conversion_table import is_header
from icdref.importers.errors import ImportFault

TABULAR = "tabular-xml"
ORDER = "order"
CODES = "codes"
ADDENDA = "addenda"
INDEX = "index-xml"
CONVERSION = "conversion-table"
POA_EXEMPT = "poa-exempt"
POA_CHANGES = "poa-changes"
GEM_FROM_TEN = "gem-icd10cm"
GEM_FROM_NINE = "gem-icd9cm"
FHIR = "fhir"
NOT_USED = ""
"""Documentation and schemas that lie beside the data."""

_ROOT = re.compile(rb"<(?![?!])([A-Za-z_][\w.:-]*)")
_LINES = (
    (ORDER, re.compile(rb"\d{5} [A-Z][0-9A-Z]{2,6} *[01] \S")),
    (ADDENDA, re.compile(rb"(?:Add|Delete|Revise from|Revise to): {1,12}(?:[01] )?[A-Z][0-9A-Z]{2,6} ")),
    (ADDENDA, re.compile(rb" *\d+ (?:headers|codes|additions|deletions|revisions)\b")),
    (GEM_FROM_TEN, re.compile(rb"[A-Z][0-9A-Z]{2,6} {1,5}(?:NoDx|[0-9EVev]\d{2,4}) *[01]{3}\d\d\r?$")),
    (GEM_FROM_NINE, re.compile(rb"[0-9EV]\d{2,4} {1,3}(?:NoDx|[A-Z][0-9A-Z]{2,6}) *[01]{3}\d\d\r?$")),
    (CODES, re.compile(rb"[A-Z][0-9A-Z]{2}(?:[0-9A-Z]{4} |[0-9A-Z]{3}  |[0-9A-Z]{2}   |[0-9A-Z] {4}| {5})\S")),
)
_ANY_RESOURCE = re.compile(rb'"resourceType"\s*:\s*"')
_RESOURCE = re.compile(rb'"resourceType"\s*:\s*"(?:CodeSystem|ValueSet|ConceptMap)"')
_SAMPLED = 400
_LARGEST_NOTE = 64 * 1024
_LARGEST_PROSE = 4 * 1024 * 1024
_BINARY = re.compile(rb"[\0-\x08\x0e-\x19\x1b-\x1f]")
_ROW = re.compile(rb'"?(?:\d{5}[\s,;]+)?[A-Z][0-9A-Z]{2}(?:\.?[0-9A-Z]{1,4})?(?:[\s,;"]|$)|[^\s]*(?:\t|;|,)[^\s]')
"""What begins a row of a table of codes, damaged or of a format that is not read."""
_DOCUMENTS = (b"%PDF", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x00\x05\x16\x07")
"""PDF, old Office files, RTF, and the AppleDouble files (`__MACOSX/._name`) of archives that were packed on a Mac."""
_NOT_DATA = frozenset({"package.json", ".index.json", ".DS_Store"})


def recognise(content: bytes, file: str) -> str:
    """Return what a file is, one of the names above; NOT_USED for documentation.

    Raises ImportFault for anything else: a data file that is damaged must not pass as documentation.
    """
    if not content.strip():
        raise ImportFault(file, 0, "the file is empty")
    if content.startswith(_DOCUMENTS) or file.rpartition("/")[2] in _NOT_DATA:
        return NOT_USED
    if content.startswith(b"PK"):
        return _workbook(content, file)
    head = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        return _xml(head, file)
    if head.startswith((b"{", b"[")):
        return FHIR if _RESOURCE.search(content) or not _ANY_RESOURCE.search(content) else NOT_USED
    return _text(content, head, file)


def _is_prose(sample: list[bytes], size: int) -> bool:
    """Tell whether a long text is something to read, such as an addenda of the tabular list in words, and no table."""
    return size <= _LARGEST_PROSE and sum(_ROW.match(line) is not None for line in sample) * 10 <= len(sample)


def _xml(head: bytes, file: str) -> str:
    if b"<!DOCTYPE" in head[:4096]:
        raise ImportFault(file, 1, "a DOCTYPE is not accepted; remove it")
    match = _ROOT.search(head[:65536])
    root = match[1].decode() if match else ""
    known = {"ICD10CM.tabular": TABULAR, "ICD10CM.index": INDEX, "xs:schema": NOT_USED, "xsd:schema": NOT_USED, "html": NOT_USED}
    if root not in known:
        raise ImportFault(file, 1, f"the root element <{root}> is neither <ICD10CM.tabular> nor <ICD10CM.index>")
    return known[root]


def _workbook(content: bytes, file: str) -> str:
    """Return what a workbook is: the conversion table; lists that the publisher ships as text too are left to the text."""
    if not is_spreadsheet(content):
        if b"word/document.xml" in content:
            return NOT_USED
        raise ImportFault(file, 0, "neither a workbook nor a document")
    from icdref.importers.spreadsheets import sheet_rows  # noqa: PLC0415  openpyxl only for workbooks

    for number, cells in sheet_rows(content, file):
        if cells and is_header(str(cells[0] or "")):
            return CONVERSION
        if number > 10:
            break
    return NOT_USED


def _text(content: bytes, head: bytes, file: str) -> str:
    if match := poa.HEADER.match(content):
        return POA_CHANGES if match[2] or not match[1] else POA_EXEMPT
    if CONVERSION_HEADER.encode().lower() in b" ".join(head[:8192].split()).lower():
        return CONVERSION
    lines = [line for line in content.split(b"\n") if line.strip()]
    sample = lines[:: max(1, len(lines) // _SAMPLED)]
    for kind, shape in _LINES:
        if sum(shape.match(line) is not None for line in sample) * 2 > len(sample):
            return kind
    if not _BINARY.search(content) and (len(content) <= _LARGEST_NOTE or _is_prose(sample, len(content))):
        return NOT_USED
    raise ImportFault(file, 0, "not recognised: neither a tabular list, order, codes, addenda, table, index nor FHIR file")
