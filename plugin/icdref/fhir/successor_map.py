"""A ConceptMap from the codes that a release deleted to their successors: pure shaping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from icdref import codes

_LICENCE = "US Government work, public domain in the USA; WHO owns ICD-10; no endorsement by CDC/NCHS or CMS"


def successor_map(
    first: str,
    second: str,
    titles: Mapping[str, str],
    successors: Mapping[str, Sequence[str]],
    headers: Sequence[str],
    base_url: str,
) -> dict[str, Any]:
    """Return the FHIR R4 ConceptMap between two releases (their versions).

    `titles` are the deleted codes, `successors` what the conversion table names, `headers` those that turned into headers:
    their successors are narrower. Otherwise the publisher states a relation, not an equality, so `relatedto` is said. A
    code without successor is `unmatched`. Several targets of one code stay side by side; none is preferred.
    """
    identifier = f"icd-10-cm-successors-{first}-{second}"
    elements = [
        {"code": code, "display": title, "target": _targets(code, successors.get(code, ()), code in headers)}
        if title
        else {"code": code, "target": _targets(code, successors.get(code, ()), code in headers)}
        for code, title in titles.items()
    ]
    resource: dict[str, Any] = {
        "resourceType": "ConceptMap",
        "id": identifier,
        "url": f"{base_url}/ConceptMap/{identifier}",
        "version": second,
        "name": "Icd10CmSuccessors",
        "title": f"ICD-10-CM: successors of the codes that {second} deleted against {first}",
        "status": "active",
        "experimental": False,
        "publisher": "CDC/NCHS conversion table, shaped by icdref",
        "copyright": _LICENCE,
        "sourceUri": f"{codes.ICD10CM}?fhir_vs",
        "targetUri": f"{codes.ICD10CM}?fhir_vs",
    }
    if elements:
        group = {"source": codes.ICD10CM, "sourceVersion": first, "target": codes.ICD10CM, "targetVersion": second}
        resource["group"] = [group | {"element": elements}]
    return resource


def _targets(code: str, successors: Sequence[str], is_header: bool) -> list[dict[str, str]]:  # noqa: FBT001
    if not successors:
        return [{"equivalence": "unmatched", "comment": "the conversion table names no successor"}]
    bare = codes.without_dot(code)
    return [
        {"code": new, "equivalence": "narrower" if is_header and codes.without_dot(new).startswith(bare) else "relatedto"}
        for new in successors
    ]
