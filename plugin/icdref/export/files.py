"""Which files an export writes, and under which names: those that OpenEMR's local content looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from icdref.export.html import to_html
from icdref.export.leaflet import Leaflet, leaflet
from icdref.export.pdf import to_pdf
from icdref.issues import IcdRefError
from icdref.results import Lookup, NoSuchCode
from icdref.service.service import Service

WRITERS: dict[str, Callable[[Leaflet], bytes]] = {"html": to_html, "pdf": to_pdf}


@dataclass(slots=True)
class Written:
    """What an export did: the files, and the codes for which there is no text, by language."""

    files: list[Path] = field(default_factory=list)
    without: dict[str, list[str]] = field(default_factory=dict)


def file_name(code: str, language: str, ending: str) -> str:
    """Return the name of a file, as OpenEMR builds it from the type, the code and the language: all in lower case.

    >>> file_name("M61.05", "es", "pdf")
    'icd10_m61.05_es.pdf'
    """
    return f"icd10_{code}_{language}.{ending}".lower()


def write(
    service: Service,
    asked: Sequence[str],
    folder: Path,
    *,
    audience: str = "patient",
    languages: Sequence[str] = ("en",),
    endings: Sequence[str] = ("html",),
    below: bool = True,
) -> Written:
    """Write the files of codes, and of every code below them unless `below` is false, into a folder.

    Raises IcdRefError for a code that does not exist, CannotWrite where PDF cannot be made.
    """
    done = Written(without={language: [] for language in languages})
    folder.mkdir(parents=True, exist_ok=True)
    for lookup in _codes(service, asked, below=below):
        for language in languages:
            found = leaflet(service, lookup, audience, language)
            if found is None:
                done.without[language].append(lookup.concept.code)
                continue
            for ending in endings:
                path = folder / file_name(lookup.concept.code, language, ending)
                path.write_bytes(WRITERS[ending](found))
                done.files.append(path)
    return done


def _codes(service: Service, asked: Sequence[str], *, below: bool) -> Iterator[Lookup]:
    seen: set[str] = set()
    for text in asked:
        top = service.terminology.lookup(text)
        if isinstance(top, NoSuchCode):
            raise IcdRefError(top.issue)
        number = service.releases.number(top.choice.release)
        stored = service.concepts.concept(top.concept.code, number) if below else None
        under = [each.concept.code for each in service.concepts.below(stored, number)] if stored else []
        for code in dict.fromkeys((top.concept.code, *under)):
            found = service.terminology.lookup(code)
            if code not in seen and isinstance(found, Lookup):
                seen.add(code)
                yield found
