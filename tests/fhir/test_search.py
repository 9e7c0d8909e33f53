"""Search: every type of parameter, modifier and prefix, chains, includes, pages and errors, on hand-made resources."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icdref import codes
from icdref.fhir.search import Collection, parse_query, search
from icdref.fhir.search_query import DEFAULT_COUNT, MAX_COUNT, MAX_VALUES
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


# --- finding a summary by code ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["M61.051", "m61051", " M61051 "])
@pytest.mark.parametrize("system", ["", f"{ICD}|", "urn:oid:2.16.840.1.113883.6.90|"])
@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_a_code_in_any_spelling_finds_the_summary_whose_value_set_has_it(spelling, system, version):
    for name in ("code", "subject:ValueSet.code", "subject.code"):
        assert ids("Composition", [(name, system + spelling)], version=version) == BONY
    assert ids("ValueSet", [("code", system + spelling)], version=version) == ["bony-muscle-codes"]


@pytest.mark.parametrize("code", ["S72.001A", "ZZZ", f"{ICD}|S72.001A", "http://snomed.info/sct|M61.051"])
def test_a_code_that_no_summary_is_about_finds_nothing(code):
    assert ids("Composition", [("code", code)]) == []
    assert ids("ValueSet", [("code", code)]) == []


def test_several_codes_are_alternatives_and_repeated_ones_all_apply():
    assert ids("Composition", "code=M61.051,M61.112") == [*BONY, *CHILD]
    assert ids("Composition", "code=M61.051&code=M61.112") == []
    assert ids("Composition", "code=M61.051&status=final") == []
    assert ids("Composition", "code=M61.112&status=final") == CHILD


def test_not_turns_membership_round():
    assert ids("Composition", "code:not=M61.051") == [*CHILD, *LIMB]


def test_a_value_set_search_brings_its_summary_along():
    found = page("ValueSet", "code=M61.051&_revinclude=Composition:subject")
    assert [resource["id"] for resource in found.matches] == ["bony-muscle-codes"]
    assert [(resource["resourceType"], resource["id"]) for resource in found.included] == [("Composition", "bony-muscle")]


def test_the_event_code_is_compared_exactly():
    assert ids("Composition", f"context={ICD}|M61.0") == BONY
    assert ids("Composition", f"context={ICD}|m610") == BONY
    assert ids("Composition", "context=m610") == BONY
    assert ids("Composition", f"context={ICD}|M61.051") == []
    assert ids("Composition", f"event-code={ICD}|M61.0", version="5.0") == BONY


def test_above_and_below_follow_the_hierarchy():
    assert ids("Composition", f"context:above={ICD}|M61.051") == BONY
    assert ids("Composition", "context:above=m61051") == BONY
    assert ids("Composition", "context:above=M61.0") == BONY
    assert ids("Composition", "context:below=M61") == ALL
    assert ids("Composition", "context:below=M61.051") == []
    assert ids("Composition", "context:above=http://snomed.info/sct|M61.051") == []
    assert ids("Composition", "event-code:above=M61.112", version="5.0") == CHILD
    assert ids("Library", "context:above=M61.112") == CHILD


def test_event_code_is_r5_and_context_is_r4():
    assert refusal("Composition", "event-code=M61.0").detail == "unknown-search-parameter"
    assert refusal("Composition", "context=M61.0", version="5.0").detail == "unknown-search-parameter"


def test_in_asks_whether_the_code_is_in_a_value_set():
    for value in (f"{OWN}/ValueSet/stiff-child-codes", "ValueSet/stiff-child-codes", "stiff-child-codes"):
        assert ids("Library", [("topic:in", value)]) == CHILD
    issue = refusal("Library", "topic:in=http://example.org/ValueSet/other")
    assert issue.detail == "bad-parameter"
    assert "ValueSet/other" in issue.text


def test_a_use_context_must_have_kind_and_code_together():
    assert ids("Library", f"context-type-value=focus${ICD}|M61.0") == BONY
    assert ids("Library", f"context-type-value={CONTEXT_TYPE}|focus$m610,focus$M61.1") == [*BONY, *CHILD]
    assert ids("Library", f"context-type-value=user${ICD}|M61.0") == []
    assert ids("Library", "context-type-value=user$clinician") == ALL
    assert "focus$M61.0" in refusal("Library", "context-type-value=focus").text


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=final", CHILD),
        ("status=http://hl7.org/fhir/composition-status|final", CHILD),
        ("status=http://example.org/else|final", []),
        ("status=|final", CHILD),
        ("status=FINAL", []),
        ("status=final,preliminary", ALL),
        ("status:not=final", [*BONY, *LIMB]),
        ("status:not=final,preliminary", []),
        (f"section={MESH}|Q000209", ALL),
        (f"section={MESH}|", ALL),
        ("section=http://example.org/|", []),
        ("section=|cause", []),
        ("section=cause", ALL),
        ("section=treatment", []),
        ("section:text=red", ALL),
        ("section:text=flags", []),
        ("category:missing=true", ALL),
        ("section:missing=true", []),
        ("section:missing=false", ALL),
        (f"identifier=urn:ietf:rfc:3986|{OWN}/Composition/bony-muscle", BONY),
        ("identifier:text=canon", ALL),
        ("_id=bony-muscle,stiff-child,unknown", [*BONY, *CHILD]),
        ("_id:not=bony-muscle", [*CHILD, *LIMB]),
        ("_id=Bony-Muscle", []),
        ("version=0.2.0", ALL),
        ("version=0.3.0", []),
    ],
)
@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_tokens_of_compositions(query, found, version):
    assert ids("Composition", query, version=version) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("topic=M61.1", CHILD),
        ("topic:text=HARD\\, bony", ALL),
        ("topic:text=stiffening", CHILD),
        ("context=clinician", ALL),
        ("context-type=focus", ALL),
        ("jurisdiction=urn:iso:std:iso:3166|US", ALL),
        ("content-type=text/html", ALL),
        ("content-type=urn:ietf:bcp:13|text/html", ALL),
        ("content-type=text/plain", []),
        ("type=asset-collection", ALL),
    ],
)
def test_tokens_of_libraries(query, found):
    assert ids("Library", query) == found


def test_code_systems_are_found_by_what_they_hold():
    for query in ("content-mode=not-present", "version=2026-04-01", f"system={ICD}", f"url={ICD}|2026-04-01", "name=icd"):
        assert ids("CodeSystem", query) == ["icd-10-cm-2026-04-01"]
    assert ids("CodeSystem", "system=urn:oid:2.16.840.1.113883.6.90") == ["icd-10-cm-2026-04-01"]
    assert ids("CodeSystem", f"url={ICD}|2025") == []


# --- strings, URIs, dates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("title=stiff", CHILD),
        ("title=STIFFENING  disease", CHILD),
        ("title=muscle", []),
        ("title:contains=muscle", BONY),
        ("title:contains=to bone,children", [*CHILD, *LIMB]),
        ("title:exact=Bony muscle after injury", BONY),
        ("title:exact=bony muscle after injury", []),
        ("publisher=editions", ALL),
        ("publisher:exact=Editions icdref", []),
        ("description:missing=true", ALL),
        ("title=%CC%81", []),
    ],
)
def test_strings_ignore_case_and_accents_unless_exact(query, found):
    assert ids("Library", query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"url={OWN}/Composition/bony-muscle", BONY),
        (f"url={OWN}/Composition/bony-muscle|0.2.0", BONY),
        (f"url={OWN}/Composition/bony-muscle|0.1.0", []),
        (f"url={OWN}/Composition/bony", []),
        (f"url:below={OWN}/Composition", ALL),
        (f"url:below={OWN}/Compo", []),
        (f"url:above={OWN}/Composition/bony-muscle/section/1", BONY),
        ("url:missing=true", []),
    ],
)
@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_uris_are_exact_and_know_versions_and_paths(query, found, version):
    assert ids("Composition", query, version=version) == found


def test_value_sets_are_found_by_the_system_they_draw_from():
    assert ids("ValueSet", f"reference={ICD}") == [f"{name}-codes" for name in ALL]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("date=2026", [*BONY, *CHILD]),
        ("date=2026-11-22", BONY),
        ("date=ne2026", LIMB),
        ("date=ge2026-05", [*BONY, *CHILD]),
        ("date=gt2026-05", BONY),
        ("date=lt2026", LIMB),
        ("date=le2026-05-31", [*CHILD, *LIMB]),
        ("date=sa2026-05", BONY),
        ("date=eb2026", LIMB),
        ("date=ge2026-01&date=lt2026-06", CHILD),
        ("date=2025,2026-11", [*BONY, *LIMB]),
        ("date:missing=false", ALL),
        ("_lastUpdated=2026-11-22", ALL),
        ("_lastUpdated=gt2026-11-22T08:00:00Z", []),
        ("_lastUpdated=ge2026-11-22T09:00:00%2B01:00", ALL),
    ],
)
def test_dates_are_compared_as_ranges(query, found):
    assert ids("Composition", query) == found


def test_the_narrative_of_sections_is_searched_in_r5():
    assert ids("Composition", "section-text=the MASS keeps growing %26 hurts", version="5.0") == ALL
    assert ids("Composition", "section-text=div", version="5.0") == []


# --- references and chains -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "subject=ValueSet/bony-muscle-codes",
        "subject=bony-muscle-codes",
        "subject:ValueSet=bony-muscle-codes",
        f"subject={BASE}/ValueSet/bony-muscle-codes",
        f"subject={OWN}/ValueSet/bony-muscle-codes",
        f"subject={OWN}/ValueSet/bony-muscle-codes|0.2.0",
        "entry=Library/bony-muscle",
        "entry:Library=bony-muscle",
    ],
)
@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_a_reference_may_be_written_in_any_form(value, version):
    assert ids("Composition", value, version=version) == BONY


@pytest.mark.parametrize(
    "value",
    [
        "subject:Library=bony-muscle-codes",
        "subject=https://other.example.org/fhir/ValueSet/bony-muscle-codes",
        f"subject={OWN}/ValueSet/bony-muscle-codes|9",
        "subject=ValueSet/other",
        "subject:missing=true",
    ],
)
def test_a_reference_elsewhere_finds_nothing(value):
    assert ids("Composition", value) == []


def test_references_to_what_is_not_held_are_compared_as_written():
    assert ids("Composition", "author=Organization/authors") == ALL
    assert ids("Composition", "author:Organization=authors") == ALL


def test_a_canonical_reference_leads_to_the_resource():
    assert ids("Library", "composed-of=Composition/bony-muscle") == BONY
    assert ids("Library", f"composed-of={OWN}/Composition/bony-muscle") == BONY
    assert ids("Library", "composed-of=stiff-child") == CHILD


def test_a_version_in_a_reference_counts_only_when_asked():
    assert ids("Provenance", "target=Composition/bony-muscle") == ["bony-muscle-2"]
    assert ids("Provenance", "target=Composition/bony-muscle/_history/2") == ["bony-muscle-2"]
    assert ids("Provenance", "target=Composition/bony-muscle/_history/1") == []


@pytest.mark.parametrize(
    ("resource_type", "query", "found"),
    [
        ("Composition", "subject:ValueSet.title:contains=stiff", CHILD),
        ("Composition", "subject:ValueSet.code:not=M61.051", [*CHILD, *LIMB]),
        ("Composition", f"subject.url={OWN}/ValueSet/bony-muscle-codes", BONY),
        ("Composition", "entry.topic=M61.1", CHILD),
        ("Library", "composed-of.subject:ValueSet.code=M61.051", BONY),
        ("Provenance", "target:Composition.subject:ValueSet.code=m61051", ["bony-muscle-2"]),
        ("Provenance", "target.status=final", ["stiff-child-2"]),
        ("Provenance", "recorded=2026-11-22&agent-type=author", [f"{name}-2" for name in ALL]),
        ("ValueSet", "_has:Composition:subject:status=final", ["stiff-child-codes"]),
        ("Composition", "_has:Provenance:target:recorded=ge2027", []),
        ("Composition", "_has:Library:composed-of:topic=M61.0", BONY),
        ("ValueSet", "_has:Composition:subject:_has:Provenance:target:_id=bony-muscle-2", ["bony-muscle-codes"]),
        ("Composition", "_has:Library:composed-of:composed-of.status=final", CHILD),
    ],
)
def test_chains_go_forward_and_back(resource_type, query, found):
    assert ids(resource_type, query) == found


def test_a_chain_is_answered_once_and_not_per_resource():
    tree = Tree()
    asked = parse_query("Composition", [("subject:ValueSet.code", "S72")], strict=True)
    search(asked, COLLECTIONS["4.0"], tree)
    assert tree.questions == len(CONDITIONS)


@pytest.mark.parametrize("name", ["subject:Patient.name", "title.code", "subject:ValueSet.colour", "subject.colour"])
def test_a_chain_into_the_unknown_is_an_unknown_parameter(name):
    issue = refusal("Composition", [(name, "x")])
    assert issue.detail == "unknown-search-parameter"
    assert name in issue.text
    assert ids("Composition", [(name, "x")], strict=False) == ALL


@pytest.mark.parametrize("name", ["_has:Composition", "_has:Patient:subject:name", "_has:Composition:title:code", "_has:"])
def test_a_malformed_has_is_an_unknown_parameter(name):
    assert refusal("ValueSet", [(name, "x")]).detail == "unknown-search-parameter"


def test_a_chain_is_not_endless():
    assert "at most 4 steps" in refusal("Composition", [("entry:Composition." * 50 + "title", "x")]).text
    assert "at most 4 steps" in refusal("Composition", [("_has:Composition:entry:" * 50 + "title", "x")]).text


# --- what comes with the matches -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource_type", "query", "included"),
    [
        ("Composition", "_include=Composition:subject", ["ValueSet/bony-muscle-codes"]),
        ("Composition", "_include=Composition:subject:ValueSet", ["ValueSet/bony-muscle-codes"]),
        ("Composition", "_include=Composition:subject:Library", []),
        ("Composition", "_include=Composition:entry", ["Library/bony-muscle"]),
        ("Composition", "_include=*", ["ValueSet/bony-muscle-codes", "Library/bony-muscle"]),
        ("Composition", "_include=Composition:author", []),
        ("Composition", "_include=Library:composed-of", []),
        ("Composition", "_revinclude=Provenance:target", ["Provenance/bony-muscle-2"]),
        ("Composition", "_include=Composition:entry&_include=Composition:entry", ["Library/bony-muscle"]),
        ("ValueSet", "_revinclude=Composition:subject&_revinclude=Provenance:target", ["Composition/bony-muscle"]),
        (
            "ValueSet",
            "_revinclude=Composition:subject&_revinclude:iterate=Provenance:target&_include:iterate=Composition:entry",
            ["Composition/bony-muscle", "Provenance/bony-muscle-2", "Library/bony-muscle"],
        ),
    ],
)
def test_includes_follow_references_once_unless_iterated(resource_type, query, included):
    match = "bony-muscle-codes" if resource_type == "ValueSet" else "bony-muscle"
    found = page(resource_type, f"_id={match}&{query}")
    assert [f"{resource['resourceType']}/{resource['id']}" for resource in found.included] == included
    assert found.total == 1


def test_nothing_is_included_twice_or_as_well_as_matched():
    found = page("Composition", "_include=Composition:entry&_revinclude:iterate=Library:composed-of&_include:iterate=*")
    keys = [(resource["resourceType"], resource["id"]) for resource in (*found.matches, *found.included)]
    assert len(keys) == len(set(keys)) == 9


@pytest.mark.parametrize("value", ["Composition:title", "Patient:subject", "Composition", "_include", "Composition:"])
def test_an_unknown_include_is_named_with_those_that_exist(value):
    issue = refusal("Composition", [("_include", value)])
    assert issue.detail == "unknown-search-parameter"
    assert "Composition:subject" in issue.text
    assert page("Composition", [("_include", value)], strict=False).included == ()


# --- order and pages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", ALL),
        ("_sort=date", [*LIMB, *CHILD, *BONY]),
        ("_sort=-date", [*BONY, *CHILD, *LIMB]),
        ("_sort=title", [*BONY, *LIMB, *CHILD]),
        ("_sort=status,-title", [*CHILD, *LIMB, *BONY]),
        ("_sort=-status,_id", [*BONY, *LIMB, *CHILD]),
        ("_sort=category,-_id", [*CHILD, *LIMB, *BONY]),
        ("_sort=subject", [*BONY, *LIMB, *CHILD]),
        ("_sort=-url", [*CHILD, *LIMB, *BONY]),
    ],
)
def test_sort_takes_several_keys_and_keeps_ties(query, order):
    assert ids("Composition", query) == order


def test_resources_without_a_value_sort_last_in_both_directions():
    kept = [composition(name, "4.0") for name in ALL]
    del kept[0]["date"]
    for key, order in (("date", [*LIMB, *CHILD, *BONY]), ("-date", [*CHILD, *LIMB, *BONY])):
        asked = parse_query("Composition", [("_sort", key)], strict=True)
        assert [resource["id"] for resource in search(asked, Collection(kept), Tree()).matches] == order


@pytest.mark.parametrize("key", ["colour", "code", "-context-type-value"])
def test_an_unknown_sort_key_is_named(key):
    assert key in refusal("Library", f"_sort={key}").text
    found = page("Library", f"_sort={key},-date", strict=False)
    assert [resource["id"] for resource in found.matches] == [*BONY, *CHILD, *LIMB]
    assert "_sort=-date&" in found.links("").get("self")


def test_pages_link_to_one_another():
    first = page("Composition", "_count=2&status=preliminary,final")
    assert (first.total, len(first.matches), first.offset, first.count) == (3, 2, 0, 2)
    assert (first.next_offset, first.previous_offset) == (2, None)
    assert first.links("").get("self") == "status=preliminary,final&_count=2&_offset=0"
    assert first.links("").get("next") == "status=preliminary,final&_count=2&_offset=2"
    last = page("Composition", first.links("").get("next"))
    assert [resource["id"] for resource in last.matches] == LIMB
    assert (last.links("").get("next"), last.links("").get("previous")) == (None, first.links("").get("self"))
    assert last.links("").get("first") == first.links("").get("self")


def test_a_next_link_survives_an_appended_count():
    first = page("Composition", "_count=1")
    rest = page("Composition", f"{first.links('').get('next')}&_count=1000")
    assert [resource["id"] for resource in (*first.matches, *rest.matches)] == ALL
    assert rest.links("").get("next") is None


@pytest.mark.parametrize("query", ["_count=0", "_summary=count", "_count=0&_totalMethod=count"])
def test_a_count_of_nothing_is_the_total(query):
    found = page("Composition", query, strict=False)
    assert (found.total, found.matches, found.included) == (3, (), ())
    assert (found.next_offset, found.previous_offset) == (None, None)


def test_an_offset_beyond_the_end_is_an_empty_page_with_a_way_back():
    found = page("Composition", "_offset=50&_count=2")
    assert (found.matches, found.total, found.next_offset, found.previous_offset) == ((), 3, None, 1)


def test_a_page_is_bounded():
    assert page("Composition").count == DEFAULT_COUNT
    assert page("Composition", "_count=999999").count == MAX_COUNT


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=12),
    st.sampled_from(
        ["", "status=preliminary", "_sort=-title", "_sort=status&code=M61", "title:contains=bon", "code:not=M61.051"]
    ),
)
def test_the_pages_together_are_the_matches_whatever_their_size(counts, query):
    whole = page("Composition", query)
    collected, link, sizes = [], query, iter(counts * 3)
    while link is not None:
        part = page("Composition", f"{link}&_count={next(sizes)}")
        assert part.total == whole.total
        collected += part.matches
        link = part.links("").get("next")
    assert collected == list(whole.matches)
    assert len(collected) == whole.total


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["status=final,preliminary", "_sort=title", "_count=2", "date=ge2025", "_id:not=x", "colour=red"]))
)
def test_equal_requests_have_equal_answers_and_the_self_link_repeats_them(parts):
    query = "&".join(parts)
    one, again = page("Composition", query, strict=False), page("Composition", query, strict=False)
    assert one == again
    assert page("Composition", one.links("").get("self")).matches == one.matches


# --- what is refused, and what is passed over ------------------------------------------------------------------------


def test_unknown_parameters_are_ignored_with_a_warning_unless_strict():
    found = page("Composition", "colour=red&status=final&_totalMethod=count", strict=False)
    assert [resource["id"] for resource in found.matches] == CHILD
    assert found.links("").get("self") == f"status=final&_count={DEFAULT_COUNT}&_offset=0"
    assert [(issue.severity, issue.expression) for issue in found.issues] == [("warning", "colour"), ("warning", "_totalMethod")]
    with pytest.raises(IcdRefError) as caught:
        page("Composition", "colour=red&status=final&taste=x", strict=True)
    assert [issue.expression for issue in caught.value.issues] == ["colour", "taste"]
    assert "status" in caught.value.issue.text


def test_format_parameters_are_not_for_the_search():
    assert page("Composition", "_format=json&_pretty=true").links("").get("self") == f"_count={DEFAULT_COUNT}&_offset=0"


@pytest.mark.parametrize(
    "query", ["status=", "status=,", "code= ", "subject:ValueSet.code=", "_sort=", "_count=", "_has:Library:composed-of:topic=,"]
)
def test_an_empty_value_is_as_if_not_sent(query):
    found = page("Composition", query)
    assert [resource["id"] for resource in found.matches] == ALL
    assert found.links("").get("self") == f"_count={DEFAULT_COUNT}&_offset=0"


@pytest.mark.parametrize(
    ("query", "modifier", "known"),
    [
        ("title:above=x", "title:above", "title:exact"),
        ("status:text=x", "status:text", "status:not"),
        ("date:exact=2026", "date:exact", "date:missing"),
        ("_id:exact=x", "_id:exact", "_id:not"),
        ("code:missing=true", "code:missing", "code:not"),
        ("context:of-type=x", "context:of-type", "context:above"),
        ("subject:type=x", "subject:type", "subject:ValueSet"),
        ("subject:code-text=x", "subject:code-text", "subject:missing"),
        ("url:contains=x", "url:contains", "url:below"),
        ("subject:ValueSet.title:above=x", "title:above", "title:contains"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_modifier_that_a_parameter_lacks_is_always_refused(query, modifier, known, strict):
    issue = refusal("Composition", query, strict=strict)
    assert (issue.detail, issue.type) == ("unsupported-parameter", "not-supported")
    assert modifier in issue.text
    assert known in issue.text


@pytest.mark.parametrize(
    ("query", "name", "value", "right"),
    [
        ("_count=ten", "_count", "ten", "whole number"),
        ("_count=-1", "_count", "-1", "whole number"),
        ("_offset=1.5", "_offset", "1.5", "whole number"),
        ("_summary=yes", "_summary", "yes", "true, text, data, count, false"),
        ("_total=all", "_total", "all", "none, estimate, accurate"),
        ("date=yesterday", "date", "yesterday", "eq, ne"),
        ("date=ge22.11.2026", "date", "ge22.11.2026", "YYYY-MM-DD"),
        ("date=2026-02-30", "date", "2026-02-30", "YYYY-MM-DD"),
        ("section:missing=yes", "section:missing", "yes", "true or false"),
        ("context=a|b|c", "context", "a|b|c", "system|code"),
        ("context=|", "context", "|", "system|code"),
        (f"code={ICD}|", "code", ICD, "M61.051"),
        (f"context:above={ICD}|", "context:above", ICD, "M61.051"),
        ("subject:ValueSet.date=soon", "subject:ValueSet.date", "soon", "eq, ne"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_malformed_value_is_refused_with_what_would_be_right(query, name, value, right, strict):
    issue = refusal("Composition", query, strict=strict)
    assert (issue.severity, issue.type, issue.detail) == ("error", "value", "bad-parameter")
    assert issue.expression == name
    assert value in issue.text
    assert right in issue.text


def test_parameters_that_exclude_each_other_are_refused():
    for query in ("_summary=text&_include=Composition:subject", "_summary=true&_elements=title"):
        assert refusal("Composition", query).detail == "conflicting-parameters"
    assert page("Composition", "_summary=count&_elements=title").total == 3


def test_a_request_may_not_carry_endless_values():
    assert refusal("Composition", [("code", ",".join(["M61"] * (MAX_VALUES + 1)))]).detail == "too-many-values"
    assert refusal("Composition", [("code", "M61")] * (MAX_VALUES + 1)).detail == "too-many-values"


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["code", "context:above", "date", "title", "url", "subject", "_sort", "_include", "_elements", "_count"]
            )
            | st.text(alphabet="_has:.codetilsubjVS", max_size=30),
            st.text(alphabet="M61.05|\\$,:/-ge2026 é\x00\ud800", max_size=20),
        ),
        max_size=4,
    ),
    st.booleans(),
)
def test_whatever_is_sent_the_answer_is_a_page_or_an_issue(pairs, strict):
    try:
        found = page("Composition", pairs, strict=strict)
    except IcdRefError as error:
        assert all(issue.text for issue in error.issues)
    else:
        assert len(found.matches) <= found.total
        assert found.links("").get("self").isascii()


# --- resources in part -----------------------------------------------------------------------------------------------


def test_elements_apply_to_matches_and_summary_to_all():
    found = page("Composition", "_id=bony-muscle&_elements=section,resourceType&_include=Composition:subject")
    assert set(found.matches[0]) == {"resourceType", "id", "meta", "status", "type", "date", "author", "title", "section"}
    assert "compose" in found.included[0]
    summary = page("Composition", "_id=bony-muscle&_summary=true&_include=Composition:subject")
    assert "section" not in summary.matches[0]
    assert "compose" not in summary.included[0]
    for resource in (found.matches[0], summary.matches[0], summary.included[0]):
        assert [tag["code"] for tag in resource["meta"]["tag"]] == ["SUBSETTED"]


def test_a_search_leaves_the_collection_as_it_is():
    before = collection_for("4.0").of_type("Composition")
    page("Composition", "_summary=true&_sort=-title")
    assert list(COLLECTIONS["4.0"].of_type("Composition")) == list(before)


def test_a_type_without_parameters_of_its_own_is_searched_by_id():
    assert ids("Organization", "_id=authors") == []
    assert "_id, _lastUpdated" in refusal("Organization", "name=x").text
