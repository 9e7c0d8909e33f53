"""Hand-made resources of each type to search through, and short ways to ask."""

from urllib.parse import parse_qsl

import pytest

from icdref import codes
from icdref.fhir.search import Collection, parse_query, search
from icdref.issues import IcdRefError

ICD = codes.ICD10CM
OWN = "https://icdref.example.org/fhir"
X = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Composition"
CONTEXT_TYPE = "http://terminology.hl7.org/CodeSystem/usage-context-type"
SECTION = f"{OWN}/CodeSystem/summary-section"
MESH = "https://www.nlm.nih.gov/mesh"
BASE = "https://ehr.example.net/fhir/r4"

CONDITIONS = {
    "bony-muscle": ("M61.0", "Bony muscle after injury", "2026-11-22"),
    "stiff-child": ("M61.1", "Stiffening disease of children", "2026-05"),
    "paralysed-limb": ("M61.2", "Paralysed limb turning to bone", "2025"),
}
"""Summary id, the code it is bound to, its title, its date."""

PARENTS = {
    "M61.051": "M61.05",
    "M61.05": "M61.0",
    "M61.0": "M61",
    "M61.1": "M61",
    "M61.2": "M61",
    "M61.112": "M61.1",
    "M61": "M60-M63",
}


class Tree:
    """A terminology of a few codes, whose value sets hold a code and all below it; it counts what it is asked."""

    def __init__(self):
        self.questions = 0

    def normalise(self, system, code):
        system = codes.to_system(system)
        return system, (codes.normalise(code) or code) if system == ICD else code

    def member(self, value_set_id, system, code):
        self.questions += 1
        bound = CONDITIONS.get(value_set_id.removesuffix("-codes"), ("",))[0]
        return system == ICD and self.subsumes(system, bound, code)

    def defines(self, system, version, code):
        return system == ICD and code in PARENTS

    def subsumes(self, system, above, below):
        while below and below != above:
            below = PARENTS.get(below, "")
        return system == ICD and below == above


def concept(system, code, display, **rest):
    return {"coding": [{"system": system, "code": code, "display": display}], **rest}


def use_context(kind, value):
    return {"code": {"system": CONTEXT_TYPE, "code": kind}, "valueCodeableConcept": value}


def composition(name, version):
    code, title, day = CONDITIONS[name]
    about = concept(ICD, code, title)
    shared = {
        "resourceType": "Composition",
        "id": name,
        "meta": {"versionId": "2", "lastUpdated": "2026-11-22T08:00:00Z"},
        "text": {"status": "generated", "div": "<div>x</div>"},
        "status": "final" if name == "stiff-child" else "preliminary",
        "type": concept(f"{OWN}/CodeSystem/document-type", "condition-summary", "Condition summary"),
        "date": day,
        "author": [{"reference": "Organization/authors"}],
        "title": title,
        "section": [
            {
                "code": {"coding": [{"system": SECTION, "code": "red-flags", "display": "Red flags"}]},
                "text": {"status": "additional", "div": "<div><p>Refer if <b>the mass</b> keeps growing &amp; hurts.</p></div>"},
            },
            {
                "code": {"coding": [{"system": SECTION, "code": "cause"}, {"system": MESH, "code": "Q000209"}]},
                "entry": [{"reference": f"Library/{name}"}],
            },
        ],
    }
    identifier = {"system": "urn:ietf:rfc:3986", "value": f"{OWN}/Composition/{name}", "type": {"text": "Canonical"}}
    subject = {"reference": f"ValueSet/{name}-codes", "type": "ValueSet"}
    if version == "4.0":
        return shared | {
            "extension": [
                {"url": f"{X}.url", "valueUri": f"{OWN}/Composition/{name}"},
                {"url": f"{X}.version", "valueString": "0.2.0"},
            ],
            "identifier": identifier,
            "subject": subject,
            "event": [{"code": [about]}],
        }
    return shared | {
        "url": f"{OWN}/Composition/{name}",
        "version": "0.2.0",
        "identifier": [identifier],
        "subject": [subject],
        "event": [{"detail": [{"concept": about}]}],
    }


def library(name):
    code, title, day = CONDITIONS[name]
    about = concept(ICD, code, title)
    return {
        "resourceType": "Library",
        "id": name,
        "url": f"{OWN}/Library/{name}",
        "version": "0.2.0",
        "name": title.title().replace(" ", ""),
        "title": title,
        "status": "draft",
        "type": concept("http://terminology.hl7.org/CodeSystem/library-type", "asset-collection", "Asset Collection"),
        "date": day,
        "publisher": "Éditions icdref",
        "useContext": [
            use_context("focus", about),
            use_context("user", concept(f"{OWN}/CodeSystem/audience", "clinician", "Clinician")),
        ],
        "jurisdiction": [concept("urn:iso:std:iso:3166", "US", "United States")],
        "topic": [about, {"text": "hard, bony muscle"}],
        "relatedArtifact": [
            {"type": "composed-of", "resource": f"{OWN}/Composition/{name}|0.2.0"},
            {"type": "citation", "label": "someone2020", "resource": f"{OWN}/Composition/stiff-child"},
        ],
        "content": [{"contentType": "text/html"}, {"contentType": "application/fhir+json"}],
    }


def value_set(name):
    include = {"system": ICD, "filter": [{"property": "concept", "op": "is-a", "value": CONDITIONS[name][0]}]}
    return {
        "resourceType": "ValueSet",
        "id": f"{name}-codes",
        "url": f"{OWN}/ValueSet/{name}-codes",
        "version": "0.2.0",
        "title": f"Codes of {name}",
        "status": "draft",
        "compose": {"include": [include]},
    }


def provenance(name):
    return {
        "resourceType": "Provenance",
        "id": f"{name}-2",
        "target": [{"reference": f"Composition/{name}/_history/2"}],
        "recorded": "2026-11-22T08:00:00.5Z",
        "agent": [{"type": concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author", "Author")}],
        "entity": [{"role": "source", "what": {"identifier": {"value": "10.1/x"}, "display": "someone2020"}}],
    }


CODE_SYSTEM = {
    "resourceType": "CodeSystem",
    "id": "icd-10-cm-2026-04-01",
    "url": ICD,
    "version": "2026-04-01",
    "name": "ICD10CM",
    "title": "ICD-10-CM of April 2026",
    "status": "active",
    "content": "not-present",
}


def collection_for(version):
    resources = [make(name) for make in (library, value_set, provenance) for name in CONDITIONS]
    return Collection([*resources, *(composition(name, version) for name in CONDITIONS), CODE_SYSTEM])


COLLECTIONS = {version: collection_for(version) for version in ("4.0", "5.0")}


def page(resource_type, query="", *, strict=True, version="4.0"):
    pairs = query if isinstance(query, list) else parse_qsl(query, keep_blank_values=True)
    asked = parse_query(resource_type, pairs, strict=strict, fhir_version=version, base=BASE)
    return search(asked, COLLECTIONS[version], Tree())


def ids(resource_type, query="", **options):
    return [resource["id"] for resource in page(resource_type, query, **options).matches]


def refusal(resource_type, query, **options):
    with pytest.raises(IcdRefError) as caught:
        page(resource_type, query, **options)
    return caught.value.issue


ALL = list(CONDITIONS)
BONY, CHILD, LIMB = ([name] for name in ALL)
