"""What every shaping test asserts: both validators accept a resource."""

from __future__ import annotations

import json

from icdref.fhir.validation import check_resource, parse_with_fhir_resources


def assert_valid(resource, fhir_version="4.0", code_exists=None):
    """Assert that our validator and fhir.resources accept a resource, and that it is plain JSON."""
    assert json.loads(json.dumps(resource)) == resource
    assert check_resource(resource, code_exists=code_exists, fhir_version=fhir_version) == []
    assert parse_with_fhir_resources(resource, fhir_version) == []


def values(parameters, name):
    """Return the values of a Parameters resource's parameters of this name."""
    return [
        next(value for key, value in each.items() if key.startswith("value") or key in ("resource", "part"))
        for each in parameters["parameter"]
        if each["name"] == name
    ]


def concept_properties(parameters):
    """Return {property: [(value, {subproperty: [value]}, description)]} of a `$lookup` answer."""
    found = {}
    for part in values(parameters, "property"):
        plain = {each["name"]: next(v for k, v in each.items() if k.startswith("value")) for each in part if "part" not in each}
        below = {}
        for each in part:
            if each["name"] == "subproperty":
                code, value = each["part"]
                below.setdefault(code["valueCode"], []).append(next(v for k, v in value.items() if k.startswith("value")))
        found.setdefault(plain["code"], []).append((plain["value"], below, plain.get("description", "")))
    return found


def paths(value, path=""):
    """Yield the path of every primitive, with [] for a list and <name> for an extension."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "extension":
                for extension in each:
                    yield from _extension_paths(extension, path)
            else:
                yield from paths(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for each in value:
            yield from paths(each, path + "[]")
    else:
        yield path


def _extension_paths(extension, path):
    here = f"{path}<{extension['url'].rsplit('/', 1)[-1]}>"
    for each in extension.get("extension", []):
        yield from _extension_paths(each, here)
    for key, value in extension.items():
        if key.startswith("value"):
            yield from paths(value, f"{here}.{key}")
