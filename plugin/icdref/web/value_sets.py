"""ValueSet operations: `$expand`, `$validate-code`, and `$batch-validate-code` for both value sets and code systems."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from icdref import issues
from icdref import issues_terminology as texts
from icdref.codes import ICD10CM
from icdref.fhir import operations
from icdref.fhir.coded_validation import batch_parameters, coded_validation_parameters
from icdref.fhir.expansion import expanded_value_set
from icdref.fhir.operations import Operation
from icdref.fhir.outcome import operation_outcome
from icdref.fhir.parameters import validation_parameters
from icdref.issues import IcdRefError
from icdref.service.valuesets.engine import Sitting, ValueSetChoice
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.scope import Budget, Supplied
from icdref.web.code_validation import is_general, validation_of
from icdref.web.context import Context
from icdref.web.evaluation_input import ABOUT_THE_VALUE, coded_value, evaluation_input, options, supplied, with_profile
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_DEFAULT_RELEASE
from icdref.web.operation_input import OperationInput, add_parameters

MOST_VALIDATIONS: Final = 2_000
_EXAMPLE: Final = "http://hl7.org/fhir/sid/icd-10-cm?fhir_vs"
_BATCH_SECONDS: Final = 10.0
_RESOURCES: Final = ("tx-resource", "valueSet", "codeSystem")


def expand(context: Context, identifier: str = "") -> Answer:
    """Answer ValueSet/$expand; `identifier` is the id of an instance-level call."""
    given = evaluation_input(context, operations.EXPAND)
    brought = supplied(given)
    wanted = options(given, context, is_validation=False)
    found = context.service.engine.expand(_choice(given, brought, identifier), brought, wanted)
    shaped = expanded_value_set(found, context.fhir_version, with_definition=bool(wanted.include_definition))
    return context.answer(shaped, cache=CACHE_DEFAULT_RELEASE, route="ValueSet/$expand", release=found.release)


def validate_code(context: Context, identifier: str = "") -> Answer:
    """Answer ValueSet/$validate-code; a code that is not in the value set is an answer, not an error."""
    given = evaluation_input(context, operations.VALUE_SET_VALIDATE_CODE)
    brought = supplied(given)
    wanted = options(given, context, is_validation=True)
    shaped = _in_value_set(context, given, brought, wanted, identifier)
    return context.answer(shaped, cache=CACHE_DEFAULT_RELEASE, route="ValueSet/$validate-code")


def batch_in_value_sets(context: Context, identifier: str = "") -> Answer:  # noqa: ARG001  type level only
    """Answer ValueSet/$batch-validate-code."""
    return _batch(context, operations.BATCH_VALIDATE_VALUE_SET, operations.VALUE_SET_VALIDATE_CODE)


def batch_in_code_systems(context: Context, version: str = "") -> Answer:  # noqa: ARG001  type level only
    """Answer CodeSystem/$batch-validate-code."""
    return _batch(context, operations.BATCH_VALIDATE_CODE_SYSTEM, operations.VALIDATE_CODE)


def in_code_system(
    context: Context,
    given: OperationInput,
    brought: Supplied,
    wanted: Options,
    sitting: Sitting | None = None,
    version: str = "",
) -> dict[str, Any]:
    """Return the answer of CodeSystem/$validate-code from the engine."""
    if given.elements("codeSystem"):
        sent = brought.code_systems[-1].header
        given = OperationInput({**given.values, "url": [sent.url], "version": [sent.version] if sent.version else []})
    is_bare = not any(given.values.get(name) for name in ("url", "system", "coding", "codeableConcept"))
    if is_bare and not given.flag("inferSystem"):
        given = OperationInput({**given.values, "url": [ICD10CM]})
    value, may_infer = coded_value(given, in_system=True)
    if wanted.abstract is None and all(coding.system == ICD10CM for coding in value.codings):
        wanted = replace(wanted, abstract=False)
    wanted = replace(wanted, infer_system=False) if wanted.infer_system and not may_infer else wanted
    version = version or given.text("version")
    url = given.text("url") or given.text("system")
    return coded_validation_parameters(context.service.engine.validate_in_system(value, url, version, brought, wanted, sitting))


def _in_value_set(
    context: Context,
    given: OperationInput,
    brought: Supplied,
    wanted: Options,
    identifier: str = "",
    sitting: Sitting | None = None,
) -> dict[str, Any]:
    choice = _choice(given, brought, identifier)
    value, may_infer = coded_value(given, in_system=False)
    wanted = replace(wanted, infer_system=False) if wanted.infer_system and not may_infer else wanted
    return coded_validation_parameters(context.service.engine.validate_in_value_set(value, choice, brought, wanted, sitting))


def _choice(given: OperationInput, brought: Supplied, identifier: str) -> ValueSetChoice:
    """Return which value set a request is about. Raises IcdRefError where it names none."""
    if identifier:
        return ValueSetChoice(id=identifier)
    if given.elements("valueSet"):
        return ValueSetChoice(brought=brought.value_sets[-1])
    if not given.text("url"):
        raise IcdRefError(texts.no_value_set(_EXAMPLE))
    return ValueSetChoice(canonical=given.text("url"), version=given.text("valueSetVersion"))


def _batch(context: Context, operation: Operation, each: Operation) -> Answer:
    given = evaluation_input(context, operation)
    validations = given.elements("validation")
    if len(validations) > MOST_VALIDATIONS:
        raise IcdRefError(issues.too_many_values("validation", MOST_VALIDATIONS))
    brought = supplied(given)
    shared = {name: values for name, values in given.values.items() if name not in ("validation", "tx-resource", "profile")}
    batch = _Batch(context, each, shared, brought, options(OperationInput(shared), context, is_validation=True))
    answers: list[dict[str, Any]] = []
    for one in validations:
        try:
            answers.append(batch.answer(one))
        except IcdRefError as error:
            answers.append(operation_outcome(error.issues))
    shaped = batch_parameters(answers)
    return context.answer(shaped, cache=CACHE_DEFAULT_RELEASE, route=f"{operation.resource}/$batch-validate-code")


@dataclass
class _Batch:
    """The validations of one request: what each says itself, and what the request says for all."""

    context: Context
    operation: Operation
    shared: dict[str, list[Any]]
    brought: Supplied
    wanted: Options
    sitting: Sitting = field(default_factory=lambda: Sitting(Budget(seconds=_BATCH_SECONDS)))

    def answer(self, one: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one validation."""
        values: dict[str, list[Any]] = {}
        add_parameters(values, self.operation, one, self.context.fhir_version)
        given = OperationInput({**self.shared, **values})
        brought, wanted = self.brought, self.wanted
        if not values.keys() <= ABOUT_THE_VALUE:
            given = with_profile(given, self.operation, self.context.fhir_version)
            own = supplied(OperationInput({name: values[name] for name in _RESOURCES if name in values}))
            if own:
                brought = Supplied((*brought.code_systems, *own.code_systems), (*brought.value_sets, *own.value_sets))
            wanted = options(given, self.context, is_validation=True)
        if given.elements("valueSet") or (self.operation.resource == "ValueSet" and given.text("url")):
            return _in_value_set(self.context, given, brought, wanted, sitting=self.sitting)
        if is_general(given) or brought:
            return in_code_system(self.context, given, brought, wanted, self.sitting)
        return validation_parameters(validation_of(self.context.service, given))
