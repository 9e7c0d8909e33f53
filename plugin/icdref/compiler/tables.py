"""Tables that belong to no single release, as parcels: maps, lists, indexes, and FHIR resources of other code systems."""

from __future__ import annotations

import hashlib
from datetime import date

from icdref.compiler import fiscal
from icdref.compiler.imports import Parcel, Part
from icdref.compiler.sources import SYSTEM
from icdref.importers import conversion_table, fhir_files, gem, index_xml, poa, recognise
from icdref.importers.errors import ImportFault

_US = "US Government work, public domain in the USA; no endorsement by CDC/NCHS or CMS"


def read_table(content: bytes, name: str, kind: str, year: int, licence: str) -> Parcel:
    """Return the parcel of one table. `year` is the fiscal year that the operator says, 0 where he does not.

    Raises ImportFault for a damaged table, and for a restricted code system without a licence of the operator's own.
    """
    if kind == recognise.FHIR:
        return _fhir(content, name, licence)
    title, printed, rows = _described(content, name, kind)
    if printed and year and printed != year:
        raise ImportFault(name, 0, f"is of fiscal year {printed}, not {year}")
    slot = title.replace(" ", "-").lower() + (f"-{printed or year}" if printed or year else "")
    meta: dict[str, str | int | date] = {
        "schema": "table/1",
        "title": title,
        "fiscal_year": printed or year,
        "rows": rows,
        "licence": _US,
        "source": f"imported by the operator: {name}",
    }
    return Parcel(SYSTEM, slot, meta, (Part(kind, name, content, rows),))


def _described(content: bytes, name: str, kind: str) -> tuple[str, int, int]:
    """Return (title, fiscal year that the table prints or 0, number of rows)."""
    if kind == recognise.CONVERSION:
        rows = conversion_table.read_conversion_table(content, name)
        return "conversion table", fiscal.fiscal_year(max(row.effective for row in rows)), len(rows)
    if kind in (recognise.POA_EXEMPT, recognise.POA_CHANGES):
        exempt = poa.read_poa_exempt(content, name)
        whole = len(exempt.titles) > 10_000
        title = "POA-exempt codes" if whole else f"POA-exempt changes {name.rpartition('/')[2].rpartition('.')[0]}"
        return title, exempt.year, len(exempt.titles)
    if kind in (recognise.GEM_FROM_TEN, recognise.GEM_FROM_NINE):
        mapping = gem.read_gem_file(content, name, from_ten=kind == recognise.GEM_FROM_TEN)
        return ("GEM from ICD-10-CM" if kind == recognise.GEM_FROM_TEN else "GEM from ICD-9-CM"), 0, len(mapping)
    index = index_xml.read_index(content, name)
    return f"index of {index.kind}", index.year, len(index.terms)


def _fhir(content: bytes, name: str, licence: str) -> Parcel:
    resource = fhir_files.read_resource(content, name)
    if resource.restriction and not licence:
        raise ImportFault(name, 0, f"{resource.url}: {resource.restriction}; say --licence TEXT if you have one")
    identity = hashlib.sha256(f"{resource.url}|{resource.version}".encode()).hexdigest()[:12]
    meta: dict[str, str | int | date] = {
        "schema": "table/1",
        "title": resource.title or resource.url,
        "url": resource.url,
        "version": resource.version,
        "rows": resource.size,
        "licence": licence or "as the publisher states in the resource",
        "source": f"imported by the operator: {name}",
    }
    return Parcel("fhir", f"{resource.type}-{identity}", meta, (Part(f"fhir-{resource.type}", name, content, resource.size),))
