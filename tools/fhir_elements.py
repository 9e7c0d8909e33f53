"""Write plugin/icdref/fhir/elements.json: the elements of each FHIR type that icdref reads or writes, in their order.

python tools/fhir_elements.py            writes it
python tools/fhir_elements.py --check    writes nothing; exits 1 when the file is not current

Taken from the models of fhir.resources, which are made from HL7's StructureDefinitions: R4B for R4, since there are no models
of 4.0.1 and the types below did not change between the two. XML needs the order and what is a list; `_summary` and
`_elements` need what is in a summary and what is mandatory. The models themselves are never loaded while answering.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "plugin" / "icdref" / "fhir" / "elements.json"
PACKAGES = {"4.0": "fhir.resources.R4B", "5.0": "fhir.resources"}
RESOURCES = (
    *("Bundle", "CapabilityStatement", "CodeSystem", "Composition", "ConceptMap", "Library", "OperationDefinition"),
    *("OperationOutcome", "Organization", "Parameters", "Provenance", "SearchParameter", "StructureDefinition"),
    *("TerminologyCapabilities", "ValueSet"),
)
NOT_IN_R4 = frozenset(
    (
        *("AdministrableProductDefinition", "Citation", "ClinicalUseDefinition", "EvidenceReport", "Ingredient"),
        *("ManufacturedItemDefinition", "MedicinalProductDefinition", "NutritionProduct", "PackagedProductDefinition"),
        *("RegulatedAuthorization", "SubscriptionStatus", "SubscriptionTopic", "SubstanceDefinition"),
    )
)
"""Types that R4B added to 4.0.1."""
ABSTRACT = frozenset({"Resource", "DomainResource", "CanonicalResource", "MetadataResource"})
_RESOURCE = re.compile(r"^class (\w+)\(\w*(?:resource\.\w*Resource)\):", re.MULTILINE)
NO_ELEMENTS = {"Resource"}
"""Types whose elements are found elsewhere: a resource inside another one says itself what it is."""


def table(fhir_version: str) -> dict[str, list[str]]:
    """Return type -> its elements in order, each as `name type flags`: `*` a list, `!` mandatory, `+` in the summary."""
    package = import_module(PACKAGES[fhir_version])
    waiting, found = [*RESOURCES, "Element"], {}
    while waiting:
        name = waiting.pop(0)
        if name in found or name in NO_ELEMENTS:
            continue
        rows = list(_rows(package.get_fhir_model_class(name)))
        found[name] = [" ".join(filter(None, row)) for row in rows]
        waiting += [type_ for _, type_, _ in rows if type_[0].isupper()]
    return {name: found[name] for name in sorted(found)}


def resource_types(fhir_version: str) -> list[str]:
    """Return the name of every resource type of a version; of R4 without the few that R4B has no model of."""
    folder = Path(str(import_module(PACKAGES[fhir_version]).__file__)).parent
    found: set[str] = set()
    for path in folder.glob("*.py"):
        found |= set(_RESOURCE.findall(path.read_text("utf-8")))
    return sorted(found - ABSTRACT - (NOT_IN_R4 if fhir_version == "4.0" else set()))


def _rows(model: Any) -> list[tuple[str, str, str]]:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    rows = []
    for name in model.elements_sequence():
        field = fields[name]
        extra = field.json_schema_extra or {}
        shown = str(field.annotation)
        flags = "*" * ("List[" in shown) + "!" * bool(extra.get("element_required") or field.is_required())
        rows.append((name, _type(shown), flags + "+" * bool(extra.get("summary_element_property"))))
    return rows


def _type(annotation: str) -> str:
    """Return the FHIR type that an annotation stands for.

    >>> _type("typing.Optional[typing.List[abc.CodeableConceptType]]"), _type("bool | None")
    ('CodeableConcept', 'boolean')
    """
    if complex_ := re.search(r"\.(\w+)Type\b", annotation):
        return complex_[1]
    if primitive := re.search(r"\b([A-Z][A-Za-z0-9]+)\((?!.*\b[A-Z][A-Za-z0-9]+\()", annotation):
        return (primitive[1][0].lower() + primitive[1][1:]).removesuffix("Version")
    return "boolean" if "bool" in annotation else "string"


def page() -> str:
    """Return the content of the file: one line for each type."""
    versions = []
    for version in PACKAGES:
        types = ",\n".join(f'"{name}":{_as_json(rows)}' for name, rows in table(version).items())
        versions.append(f'"{version}":{{\n{types}\n}}')
    names = ",\n".join(f'"{version}":"{" ".join(resource_types(version))}"' for version in PACKAGES)
    return "{\n" + ",\n".join((*versions, f'"resources":{{\n{names}\n}}')) + "\n}\n"


def _as_json(rows: list[str]) -> str:
    return "[" + ",".join(f'"{row}"' for row in rows) + "]"


def main(arguments: list[str]) -> int:
    """Write or check the file; return the exit status."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python tools/fhir_elements.py [--check]\n")
        return 2
    if arguments:
        current = TARGET.is_file() and TARGET.read_text("utf-8") == page()
        if not current:
            sys.stderr.write(f"{TARGET.name} is not current; run python tools/fhir_elements.py\n")
        return 0 if current else 1
    TARGET.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
