"""The input of an operation, read from a query string or a POSTed Parameters resource by the operation table.

A parameter that the table does not know is refused, not ignored: a mistyped `verison` must never get today's release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

import orjson

from icdref import issues
from icdref.fhir.operations import COMPLEX_TYPES, RESOURCE_TYPES, Operation, Parameter
from icdref.fhir.xml_reading import from_xml
from icdref.issues import IcdRefError
from icdref.web.duplicates import refuse_duplicates
from icdref.web.http import Request
from icdref.web.negotiation import XML_TYPES, fits_version

JSON_BODIES: Final = ("application/fhir+json", "application/json", "application/json+fhir", "text/json")
ACCEPTED_BODIES: Final = (*JSON_BODIES, *XML_TYPES)
FORM: Final = "application/x-www-form-urlencoded"

_TEXT_KEYS: Final = frozenset(
    f"value{name}"
    for name in ("String", "Code", "Uri", "Url", "Canonical", "Id", "Date", "DateTime", "Instant", "Oid", "Markdown")
)
_TYPE_KEYS: Final = {
    "boolean": ("valueBoolean", bool),
    "positiveInt": ("valuePositiveInt", int),
    "integer": ("valueInteger", int),
    "Coding": ("valueCoding", dict),
    "CodeableConcept": ("valueCodeableConcept", dict),
    "Quantity": ("valueQuantity", dict),
}
_POSITIVE: Final = re.compile(r"\A[1-9][0-9]{0,5}\Z", re.ASCII)
_WHOLE: Final = re.compile(r"\A[0-9]{1,8}\Z", re.ASCII)
_MOST_PARAMETERS: Final = 1000
# Surrogates and C0 controls other than tab and line ends can stand in no FHIR string.
_NOT_FHIR: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class OperationInput:
    """The values that a request sent, by parameter name, in order; types are those of the table."""

    values: Mapping[str, list[Any]]

    def text(self, name: str) -> str:
        """Return the text of a single parameter, '' where it was not sent."""
        found = self.values.get(name)
        return str(found[0]) if found else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a repeatable parameter."""
        return tuple(self.values.get(name, ()))

    def flag(self, name: str) -> bool:
        """Return a boolean parameter, False where it was not sent."""
        found = self.values.get(name)
        return bool(found[0]) if found else False

    def number(self, name: str, default: int) -> int:
        """Return a number, `default` where it was not sent."""
        found = self.values.get(name)
        return int(found[0]) if found else default

    def elements(self, name: str) -> tuple[dict[str, Any], ...]:
        """Return the complex values of a parameter."""
        return tuple(self.values.get(name, ()))


def query_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the pairs of a query string, in order. Raises IcdRefError when there are absurdly many."""
    if not request.query:
        return []
    fields = request.query.split("&", _MOST_PARAMETERS)
    if len(fields) > _MOST_PARAMETERS:
        raise IcdRefError(issues.too_many_values("query", _MOST_PARAMETERS))
    pairs = []
    for field in fields:
        name, _, value = field.partition("=")
        if name:
            pairs.append((_plain(name), _plain(value)))
    return pairs


def _plain(text: str) -> str:
    """Return a piece of a query string decoded; most of them need no decoding, and the check costs a tenth of it."""
    return unquote_plus(text) if "%" in text or "+" in text else text


def read_input(
    operation: Operation, request: Request, pairs: Sequence[tuple[str, str]], depth: int, fhir_version: str
) -> OperationInput:
    """Return the input of an operation from the URL and, for POST, the body; both are read, and neither may repeat the other.

    Raises IcdRefError naming the parameter, its value and what would be right.
    """
    values: dict[str, list[Any]] = {}
    form = _form_pairs(request) if request.method == "POST" and media_type_of(request) == FORM else []
    for index, (name, text) in enumerate((*pairs, *form)):
        if name.startswith("_"):
            continue
        parameter = _known(operation, name, fhir_version)
        # A form carries what describes a patient out of sight of URLs and logs, yet no Coding or Quantity.
        if parameter.must_be_posted and (index < len(pairs) or parameter.type in COMPLEX_TYPES):
            where = "a Parameters resource" if parameter.type in COMPLEX_TYPES else "the body"
            raise IcdRefError(issues.bad_parameter(name, "…", f"it can only be sent in {where} of a POST"))
        if text:
            _add(values, parameter, _from_text(parameter, text))
    if request.method == "POST" and media_type_of(request) != FORM and request.body.strip():
        resource = read_resource(request, depth, fhir_version)
        if (bare := _bare(operation, resource)) is not None:
            _add(values, bare, resource)
        else:
            add_parameters(values, operation, resource, fhir_version)
    return OperationInput(values)


def add_parameters(values: dict[str, list[Any]], operation: Operation, resource: dict[str, Any], fhir_version: str) -> None:
    """Add the parameters of a Parameters resource to the values of an operation. Raises IcdRefError as `read_input`."""
    for name, parameter, value in _body_parameters(operation, resource, fhir_version):
        _add(values, parameter, _from_element(parameter, name, value))


def _bare(operation: Operation, resource: dict[str, Any]) -> Parameter | None:
    """Return the parameter that a body without Parameters around it stands for, None where it stands for none."""
    named = resource.get("resourceType")
    if named == "Parameters":
        return None
    return next((each for each in operation.inputs() if each.bare and each.type == named), None)


def media_type_of(request: Request) -> str:
    """Return the media type of a request's body in lower case, without parameters."""
    return request.header("content-type").split(";")[0].strip().lower()


def read_resource(request: Request, depth: int, fhir_version: str) -> dict[str, Any]:
    """Return the resource in a request's body, JSON or XML, as JSON.

    Raises IcdRefError for another media type, for another FHIR version, and for what is malformed or nested too deep.
    """
    content_type = request.header("content-type")
    sent, *parameters = (piece.strip().lower() for piece in content_type.split(";"))
    if sent not in ACCEPTED_BODIES or not all(fits_version(each, fhir_version) for each in parameters):
        raise IcdRefError(issues.unsupported_media_type(content_type, ACCEPTED_BODIES))
    return from_xml(request.body, fhir_version, depth) if sent in XML_TYPES else read_json(request, depth)


def read_json(request: Request, depth: int) -> dict[str, Any]:
    """Return the JSON object in a request's body. Raises IcdRefError for another media type, malformed or too deep JSON."""
    if media_type_of(request) not in JSON_BODIES:
        raise IcdRefError(issues.unsupported_media_type(request.header("content-type"), JSON_BODIES))
    try:
        value = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        if "depth" in error.msg or "recursion" in error.msg:  # the parser's own limit, 1,024; its words change
            raise IcdRefError(issues.body_too_deep(depth)) from None
        raise IcdRefError(
            issues.malformed_body(f"is not JSON (line {error.lineno}, column {error.colno})", "send UTF-8 JSON")
        ) from None
    if not isinstance(value, dict):
        raise IcdRefError(issues.malformed_body("is JSON but not an object", "send a FHIR resource"))
    refuse_deep(value, depth)
    refuse_duplicates(request.body, value)
    return value


def refuse_deep(value: object, limit: int) -> None:
    """Raise IcdRefError when a parsed value is nested deeper than `limit` levels. Does not recurse."""
    level: list[object] = [value]
    for _ in range(limit):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise IcdRefError(issues.body_too_deep(limit))


def _inside(value: object) -> list[object]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in inner if isinstance(each, dict | list)]


def _form_pairs(request: Request) -> list[tuple[str, str]]:
    try:
        return parse_qsl(request.body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise IcdRefError(issues.malformed_body("is not a form in UTF-8", "send name=value pairs joined by &")) from None


def _known(operation: Operation, name: str, fhir_version: str) -> Parameter:
    parameter = operation.parameter(name, fhir_version)
    label = f"{operation.resource}/${operation.name}"
    if parameter is None:
        known = [each.name for each in operation.inputs(fhir_version) if each.supported]
        raise IcdRefError(issues.unsupported_parameter(name, label, known))
    if not parameter.supported:
        raise IcdRefError(
            issues.unsupported_parameter(
                name, f"{label} ({parameter.reason})", [p.name for p in operation.inputs(fhir_version) if p.supported]
            )
        )
    return parameter


def _add(values: dict[str, list[Any]], parameter: Parameter, value: Any) -> None:
    found = values.setdefault(parameter.name, [])
    if found and not parameter.repeats:
        raise IcdRefError(issues.repeated_parameter(parameter.name))
    found.append(value)


def _from_text(parameter: Parameter, text: str) -> Any:
    if parameter.allowed and text not in parameter.allowed:
        raise IcdRefError(issues.bad_parameter(parameter.name, text, f"it must be {', '.join(parameter.allowed)}"))
    if "�" in text or _NOT_FHIR.search(text):
        raise IcdRefError(issues.bad_parameter(parameter.name, text, "it must be UTF-8 text without control characters"))
    if parameter.type == "boolean":
        if text not in ("true", "false"):
            raise IcdRefError(issues.bad_parameter(parameter.name, text, "it must be true or false"))
        return text == "true"
    if parameter.type == "integer":
        if not _WHOLE.match(text):
            raise IcdRefError(issues.bad_parameter(parameter.name, text, "it must be a whole number from 0 to 99999999"))
        return int(text)
    if parameter.type == "positiveInt":
        if not _POSITIVE.match(text):
            raise IcdRefError(issues.bad_parameter(parameter.name, text, "it must be a whole number from 1 to 999999"))
        return int(text)
    return text


def _body_parameters(
    operation: Operation, resource: dict[str, Any], fhir_version: str
) -> list[tuple[str, Parameter, dict[str, Any]]]:
    if resource.get("resourceType") != "Parameters":
        named = resource.get("resourceType")
        what = f"is a {issues.quoted(str(named))}" if named else "has no resourceType"
        raise IcdRefError(issues.malformed_body(what, "send a Parameters resource", "resourceType"))
    rows = resource.get("parameter", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise IcdRefError(
            issues.malformed_body(
                "has a 'parameter' that is not a list of objects", "send a Parameters resource", "Parameters.parameter"
            )
        )
    found = []
    for index, row in enumerate(rows):
        name = row.get("name")
        if not isinstance(name, str) or not name:
            raise IcdRefError(
                issues.malformed_body(
                    "has a parameter without a name", "name each parameter", f"Parameters.parameter[{index}].name"
                )
            )
        if not name.startswith("_"):
            found.append((f"Parameters.parameter[{index}]", _known(operation, name, fhir_version), row))
    return found


def _from_element(parameter: Parameter, path: str, row: dict[str, Any]) -> Any:
    if not parameter.type or parameter.type in RESOURCE_TYPES:
        return _from_whole(parameter, path, row)
    keys = [key for key in row if key.startswith("value")]
    if len(keys) != 1:
        raise IcdRefError(issues.malformed_body(f"gives {parameter.name!r} {len(keys)} values", "give it one value[x]", path))
    key, value = keys[0], row[keys[0]]
    if parameter.type == "boolean" and key in _TEXT_KEYS and isinstance(value, str):
        return _from_text(parameter, value)  # how clients write it that know no types
    if parameter.type in _TYPE_KEYS:
        wanted, kind = _TYPE_KEYS[parameter.type]
        fits = key == wanted or (kind is int and key in ("valueInteger", "valuePositiveInt", "valueUnsignedInt"))
        if not fits or not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise IcdRefError(issues.bad_parameter(parameter.name, _as_json(value), f"send it as {wanted}"))
        if parameter.type == "integer":
            return _from_text(parameter, _as_json(value))
        if isinstance(value, int) and kind is int and not 1 <= value <= 999_999:
            raise IcdRefError(issues.bad_parameter(parameter.name, _as_json(value), "it must be a whole number from 1 to 999999"))
        return _from_text(parameter, _as_json(value)) if kind is bool else value
    if key not in _TEXT_KEYS or not isinstance(value, str):
        raise IcdRefError(
            issues.bad_parameter(
                parameter.name, _as_json(value), f"send it as text in value{parameter.type[:1].upper()}{parameter.type[1:]}"
            )
        )
    return _from_text(parameter, value)


def _from_whole(parameter: Parameter, path: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a parameter that is made of parts, or the resource of one that is a resource."""
    if not parameter.type:
        parts = row.get("part")
        if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
            raise IcdRefError(issues.malformed_body(f"gives {parameter.name!r} no parts", "give it a list of parts", path))
        return row
    resource = row.get("resource")
    named = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(resource, dict) or not named or parameter.type not in (named, "Resource"):
        raise IcdRefError(issues.bad_parameter(parameter.name, str(named or ""), f"send a {parameter.type} as `resource`"))
    return resource


def _as_json(value: object) -> str:
    """Return a value as the client wrote it: `null` and `true`, not what Python calls them."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def coding_texts(coding: dict[str, Any], path: str) -> tuple[str, str, str, str]:
    """Return (system, version, code, display) of a Coding, '' for what is missing. Raises IcdRefError for wrong types."""
    found = []
    for key in ("system", "version", "code", "display"):
        value = coding.get(key, "")
        if not isinstance(value, str) or _NOT_FHIR.search(value):
            raise IcdRefError(issues.bad_parameter(f"{path}.{key}", _as_json(value), "it must be text"))
        found.append(value)
    return found[0], found[1], found[2], found[3]


def concept_codings(concept: dict[str, Any], path: str) -> tuple[list[dict[str, Any]], str]:
    """Return (codings, text) of a CodeableConcept. Raises IcdRefError for wrong types."""
    codings, text = concept.get("coding", []), concept.get("text", "")
    if not isinstance(codings, list) or not all(isinstance(each, dict) for each in codings):
        raise IcdRefError(issues.bad_parameter(f"{path}.coding", _as_json(codings), "it must be a list of Codings"))
    if not isinstance(text, str) or _NOT_FHIR.search(text):
        raise IcdRefError(issues.bad_parameter(f"{path}.text", _as_json(text), "it must be text"))
    return codings, text
