"""From imported open content to stubs: which definition belongs to which code, and which are better left out.

A stub is never one of our statements: grade C at most, its own banner, and no residual code has one, because
what an "other" or "unspecified" code covers is none of the diseases that somebody filed under it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from icdref.compiler import content_imports as kinds
from icdref.compiler.imports import Imported
from icdref.importers import release_files
from icdref.importers.medquad import Answer
from icdref.importers.obo import Disease, read_obo, read_xrefs
from icdref.importers.sssom import EXACT, read_sssom
from icdref.results import Stub

_DO = ("Disease Ontology", "CC0 1.0", "Human Disease Ontology, disease-ontology.org")
_MONDO = ("Mondo", "CC BY 4.0", "Mondo Disease Ontology, Monarch Initiative")
_MEDQUAD = (
    "MedQuAD",
    "CC BY 4.0",
    "MedQuAD: Ben Abacha and Demner-Fushman, BMC Bioinformatics 2019;20:511; excerpt of {source}",
)
_MOST_ANSWERS = 2
# Staging texts of the American Joint Committee on Cancer may not be passed on.
_NOT_OURS = "AJCC"


class Titles(Protocol):
    """The titles of the newest release."""

    def title(self, code: str) -> str:
        """Return the title of a code, '' where the release has no such code."""
        ...

    def is_residual(self, code: str) -> bool:
        """Tell whether a code is a residual class."""
        ...

    def codes_of(self, title: str) -> tuple[str, ...]:
        """Return the codes with a title (folded with `folded`)."""
        ...


@dataclass(slots=True)
class Joined:
    """The stubs, and how many candidates were left out for which reason."""

    stubs: list[Stub] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Content:
    """Everything that was imported, by identifier."""

    diseases: dict[str, tuple[Disease, str]] = field(default_factory=dict)
    xrefs: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    mondo: list[tuple[str, str, str, str]] = field(default_factory=list)
    mondo_cuis: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    answers: list[tuple[Answer, str]] = field(default_factory=list)


def join(imported: Iterable[Imported], titles: Titles) -> Joined:
    """Return the stubs of imported content, by code and id. Raises ImportFault for content that cannot be read any more."""
    content = _read(imported)
    joined = Joined()
    of_disease = _codes_of_diseases(content, titles, joined.left_out)
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for identifier, codes in of_disease.items():
        for code in codes:
            owners[code].add(identifier)
    joined.stubs += _definitions(content, of_disease, owners, titles, joined.left_out)
    joined.stubs += _mondo_ids(content, titles, joined.left_out)
    joined.stubs += _answers(content, of_disease, owners, titles, joined.left_out)
    by_key = {(stub.bound_code, stub.id): stub for stub in reversed(joined.stubs)}
    joined.stubs = [by_key[key] for key in sorted(by_key)]
    return joined


def folded(title: str) -> str:
    """Return a title for comparison: without accents, case, punctuation and doubled blanks."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def _read(imported: Iterable[Imported]) -> _Content:
    content = _Content()
    for each in imported:
        release = str(each.meta.get("release", ""))
        for file in each.files:
            _add(content, file.content, release_files.read_content(each.folder, file), f"{each.slot}/{file.name}", release)
    return content


def _add(content: _Content, kind: str, data: bytes, file: str, release: str) -> None:
    if kind == kinds.OBO:
        for disease in read_obo(data, file).diseases:
            content.diseases[disease.id] = (disease, release)
            content.xrefs[disease.id].update(disease.xrefs)
    elif kind == kinds.XREFS:
        for identifier, xref in read_xrefs(data, file):
            content.xrefs[identifier].add(xref)
    elif kind == kinds.MEDQUAD:
        content.answers += [(answer, release) for answer in kinds.answers_of(data, file)]
    elif kind == kinds.SSSOM:
        for row in read_sssom(data, file).rows:
            if row.predicate == EXACT and row.target.startswith("ICD10CM:"):
                content.mondo.append((row.subject, row.label, row.target.removeprefix("ICD10CM:"), release))
            elif row.predicate == EXACT and row.target.startswith("UMLS:"):
                content.mondo_cuis[row.subject].add(row.target.removeprefix("UMLS:"))


def _codes_of_diseases(content: _Content, titles: Titles, left_out: Counter[str]) -> dict[str, frozenset[str]]:
    """Return the codes that each DOID is cross-referenced to; ranges and codes not in the release are left out."""
    found: dict[str, frozenset[str]] = {}
    for identifier, xrefs in content.xrefs.items():
        named = {xref.removeprefix("ICD10CM:") for xref in xrefs if xref.startswith("ICD10CM:")}
        known = frozenset(code for code in named if titles.title(code))
        left_out["cross-reference to a range or a code not in the release"] += len(named - known)
        found[identifier] = known
    return found


def _definitions(
    content: _Content,
    of_disease: Mapping[str, frozenset[str]],
    owners: Mapping[str, set[str]],
    titles: Titles,
    left_out: Counter[str],
) -> Iterator[Stub]:
    for identifier, (disease, release) in sorted(content.diseases.items()):
        if not disease.definition or _NOT_OURS in disease.definition:
            continue
        candidates = [(code, "xref") for code in sorted(of_disease.get(identifier, ()))]
        if not candidates:
            candidates = [(code, "label") for code in titles.codes_of(folded(disease.name)) if code not in owners]
        for code, match in candidates:
            if len(owners.get(code, ())) > 1:
                left_out["a code with several diseases"] += 1
            elif titles.is_residual(code):
                left_out["a residual code"] += 1
            else:
                url = f"https://disease-ontology.org/?id={identifier}"
                source, licence, credit = _DO
                yield Stub(identifier, disease.name, disease.definition, "C", source, release, licence, credit, match, code, url)


def _mondo_ids(content: _Content, titles: Titles, left_out: Counter[str]) -> Iterator[Stub]:
    source, licence, credit = _MONDO
    for identifier, label, code, release in sorted(set(content.mondo)):
        if not titles.title(code):
            left_out["Mondo mapping to a block or a code not in the release"] += 1
            continue
        url = f"https://monarchinitiative.org/{identifier}"
        yield Stub(identifier, label, "", "C", source, release, licence, credit, "exact", code, url)


def _answers(
    content: _Content,
    of_disease: Mapping[str, frozenset[str]],
    owners: Mapping[str, set[str]],
    titles: Titles,
    left_out: Counter[str],
) -> Iterator[Stub]:
    """Yield the answers that reach exactly one code through a UMLS concept, by way of Mondo or the Disease Ontology."""
    by_cui: defaultdict[str, set[str]] = defaultdict(set)
    for subject, _, code, _ in content.mondo:
        for cui in content.mondo_cuis.get(subject, ()):
            by_cui[cui].add(code)
    for identifier, xrefs in content.xrefs.items():
        alone = {code for code in of_disease.get(identifier, ()) if len(owners[code]) == 1}
        for xref in xrefs:
            if xref.startswith("UMLS_CUI:"):
                by_cui[xref.removeprefix("UMLS_CUI:")] |= alone
    given: Counter[str] = Counter()
    for answer, release in sorted(content.answers, key=lambda pair: pair[0].id):
        reached, match = {code for cui in answer.cuis for code in by_cui.get(cui, ()) if titles.title(code)}, "umls"
        if not reached:
            reached, match = set(titles.codes_of(folded(answer.focus))), "label"
        if len(reached) != 1:
            left_out["an answer that reaches no code, or several"] += 1
            continue
        (code,) = reached
        if titles.is_residual(code) or _NOT_OURS in answer.text:
            left_out["a residual code"] += 1
        elif given[code] < _MOST_ANSWERS:
            given[code] += 1
            source, licence, credit = _MEDQUAD
            attribution = credit.format(source=answer.source)
            label = f"medquad:{answer.source}-{answer.id}"
            yield Stub(label, answer.focus, answer.text, "D", source, release, licence, attribution, match, code, answer.url)
