"""What the terminology engine says about codes and value sets, in the words of HL7's message catalogue.

Clients and validators compare these texts, so they are word for word those of the public servers (hapifhir/org.hl7.fhir.core,
Messages.properties) and carry the id that the catalogue gives them. `issues.py` holds the words of our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from icdref.issues import Issue


def _said(
    severity: str, type_: str, tx: str, message_id: str, text: str, expression: str = "", detail: str = "terminology"
) -> Issue:
    return Issue(severity, type_, detail, text, expression, tx, message_id)


def below(path: str, name: str) -> str:
    """Return the path of an element below another, which may be nowhere in particular.

    >>> below("Coding", "code"), below("", "code")
    ('Coding.code', 'code')
    """
    return f"{path}.{name}" if path else name


def presented(versions: Sequence[str]) -> str:
    """Return versions as a sentence lists them.

    >>> presented(["1", "2"]), presented(["1", "2", "3"])
    ('1 or 2', '1, 2 and 3')
    """
    if len(versions) <= 2:
        return " or ".join(versions)
    return f"{', '.join(versions[:-1])} and {versions[-1]}"


# --- codings ---------------------------------------------------------------------------------------------------------


def coding_without_system(path: str) -> Issue:
    """Return the warning that a coding names no system."""
    text = "Coding has no system. A code with no system has no defined meaning, and it cannot be validated."
    text += " A system should be provided"
    return _said("warning", "invalid", "invalid-data", "Coding_has_no_system__cannot_validate", text, path)


def coding_without_anything(path: str) -> Issue:
    """Return the warning that a coding has neither system nor code."""
    text = "Coding has neither a system nor a code, so it cannot be validated. A system and a code should be provided"
    return _said("warning", "invalid", "invalid-data", "Coding_has_no_system_or_code__cannot_validate", text, path)


def coding_without_code(system: str, path: str) -> Issue:
    """Return the warning that a coding has no code."""
    place = f" for system {system}" if system else ""
    return Issue("warning", "invalid", "", f"Coding has no code{place} and cannot be validated", path, "invalid-data")


def relative_system(path: str) -> Issue:
    """Return the error for a system that is not an absolute URI; `path` is that of the system."""
    text = "Coding.system must be an absolute reference, not a local reference"
    return _said("error", "invalid", "invalid-data", "Terminology_TX_System_Relative", text, path)


def system_is_a_value_set(system: str, path: str) -> Issue:
    """Return the error for a value set in the place of a code system."""
    text = f"The Coding references a value set, not a code system ('{system}')"
    return _said("error", "invalid", "invalid-data", "Terminology_TX_System_ValueSet2", text, path)


def system_is_a_supplement(canonical: str, path: str) -> Issue:
    """Return the error for a supplement in the place of a code system."""
    text = f"CodeSystem {canonical} is a supplement, so can't be used as a value in Coding.system"
    return _said("error", "invalid", "invalid-data", "CODESYSTEM_CS_NO_SUPPLEMENT", text, path)


def system_not_found(system: str, version: str, known: Sequence[str], path: str, *, expanding: bool = False) -> Issue:
    """Return the error for a code system, or a version of it, that is not held; `known` are the versions that are."""
    what = "the value set cannot be expanded" if expanding else "the code cannot be validated"
    suffix = "_EXP" if expanding else ""
    if not version:
        text = f"A definition for CodeSystem '{system}' could not be found, so {what}"
        return _said("error", "not-found", "not-found", f"UNKNOWN_CODESYSTEM{suffix}", text, path, "tx-not-found")
    text = f"A definition for CodeSystem '{system}' version '{version}' could not be found, so {what}. "
    if not known:
        name = "UNKNOWN_CODESYSTEM_VERSION_EXP_NONE" if expanding else "UNKNOWN_CODESYSTEM_VERSION_NONE"
        text += "No versions of this code system are known"
        return _said("error", "not-found", "not-found", name, text, path, "tx-not-found")
    text += f"Valid versions: {presented(known)}"
    return _said("error", "not-found", "not-found", f"UNKNOWN_CODESYSTEM_VERSION{suffix}", text, path, "tx-not-found")


def coding_not_checked(canonical: str, path: str) -> Issue:
    """Return the warning that one coding of several could not be checked, where another one is right."""
    text = f"A definition for the code system '{canonical}' could not be found, so this coding was not checked."
    text += " The CodeableConcept is still valid: another coding is in the value set"
    return _said("warning", "not-found", "not-found", "UNKNOWN_CODESYSTEM_CODING_NOT_CHECKED", text, path)


def system_not_inferred(code: str, value_set: str, systems: Sequence[str]) -> Issue:
    """Return the error that the system of a bare code could not be told from the value set."""
    text = f"The System URI could not be determined for the code '{code}' in the ValueSet '{value_set}'"
    if len(systems) > 1:
        name = "Unable_to_resolve_system__value_set_has_multiple_matches"
        text += f": value set expansion has multiple matches: {','.join(systems)}"
        return _said("error", "not-found", "cannot-infer", name, text, "code")
    return _said("error", "not-found", "cannot-infer", "UNABLE_TO_INFER_CODESYSTEM", text, "code")


# --- codes -----------------------------------------------------------------------------------------------------------


def code_not_found(code: str, system: str, version: str, path: str) -> Issue:
    """Return the error for a code that a complete code system does not have."""
    text = f"Unknown code '{code}' in the CodeSystem '{system}'"
    name = "Unknown_Code_in"
    if version:
        text, name = f"{text} version '{version}'", "Unknown_Code_in_Version"
    return _said("error", "code-invalid", "invalid-code", name, text, below(path, "code"), "unknown-code")


def code_not_in_fragment(code: str, system: str, version: str, path: str) -> Issue:
    """Return the warning for a code that an incomplete code system does not list."""
    text = f"Unknown Code '{code}' in the CodeSystem '{system}' version '{version}' - note that the code system is labeled as"
    text += " a fragment, so the code may be valid in some other fragment"
    return _said("warning", "code-invalid", "invalid-code", "UNKNOWN_CODE_IN_FRAGMENT", text, below(path, "code"))


def code_not_in_value_set(coding: str, value_set: str, expression: str, severity: str = "error") -> Issue:
    """Return the issue for a code outside the value set: an error, or an information about one coding of several."""
    text = f"The provided code {coding} was not found in the value set '{value_set}'"
    tx = "not-in-vs" if severity == "error" else "this-code-not-in-vs"
    name = "None_of_the_provided_codes_are_in_the_value_set_one"
    return _said(severity, "code-invalid", tx, name, text, expression)


def no_valid_coding(value_set: str) -> Issue:
    """Return the error that no coding of a CodeableConcept is in the value set."""
    text = f"No valid coding was found for the value set '{value_set}'"
    return _said("error", "code-invalid", "not-in-vs", "TX_GENERAL_CC_ERROR_MESSAGE", text)


def code_not_selectable(system: str, code: str, path: str) -> Issue:
    """Return the error for a grouper where only selectable codes are allowed."""
    text = f"Code '{system}#{code}' is abstract, and not allowed in this context"
    return _said("error", "business-rule", "code-rule", "ABSTRACT_CODE_NOT_ALLOWED", text, below(path, "code"))


def code_not_active(code: str, path: str) -> Issue:
    """Return the error for an inactive code where only active codes are allowed."""
    text = f"The concept '{code}' is valid but is not active"
    return _said("error", "business-rule", "code-rule", "STATUS_CODE_WARNING_CODE", text, below(path, "code"))


def code_spelt_otherwise(code: str, right: str, canonical: str, path: str) -> Issue:
    """Return the information that the code system spells a code in another way."""
    if code.lower() == right.lower():
        name = "CODE_CASE_DIFFERENCE"
        text = f"The code '{code}' differs from the correct code '{right}' by case. Although the code system '{canonical}' is"
        text += " case insensitive, implementers are strongly encouraged to use the correct case anyway"
    else:
        name = "CODE_NOT_IN_NORMAL_FORM"
        text = f"The code '{code}' is valid, but it is not the normal form for the code system '{canonical}'; the normal form is"
        text += f" '{right}'"
    return _said("information", "business-rule", "code-rule", name, text, below(path, "code"))


def code_inactive(code: str, status: str, path: str) -> Issue:
    """Return the warning that a code is not in use any more; `status` '' where only that is known."""
    if status in ("inactive", "DISCOURAGED"):
        text = f"The concept '{code}' has a status of {status} and its use should be reviewed"
    else:
        text = f"The concept '{code}' has a status of {status} and inactive and its use should be reviewed"
    return _said("warning", "business-rule", "code-comment", "INACTIVE_CONCEPT_FOUND", text, path)


def code_deprecated(code: str, path: str) -> Issue:
    """Return the warning that a code is deprecated."""
    text = f"The concept '{code}' is deprecated and its use should be reviewed"
    return _said("warning", "business-rule", "code-comment", "DEPRECATED_CONCEPT_FOUND", text, path)


def code_deprecated_in_value_set(system: str, code: str, status: str, value_set: str, path: str) -> Issue:
    """Return the warning that the value set itself marks a code as deprecated or withdrawn."""
    text = f"The presence of the concept '{code}' in the system '{system}' in the value set {value_set} is marked with a status"
    text += f" of {status} and its use should be reviewed"
    name = "CONCEPT_DEPRECATED_IN_VALUESET"
    return _said("warning", "business-rule", "code-comment", name, text, below(path, "code"))


# --- versions --------------------------------------------------------------------------------------------------------


def version_differs(system: str, held: str, wanted: str, asked: str, path: str, *, why: str, severity: str = "error") -> Issue:
    """Return the issue that a coding is of another version than the value set uses.

    `held` is the version used, `wanted` what the include says, `asked` the coding's. `why` is `include` (the include says so),
    `default` (it says nothing) or `changed` (a parameter of the request changed it).
    """
    text = f"The code system '{system}' version '{held}' "
    if why == "default":
        name = "VALUESET_VALUE_MISMATCH_DEFAULT"
        text += f"for the versionless include in the ValueSet include is different to the one in the value ('{asked}')"
    elif why == "changed":
        name = "VALUESET_VALUE_MISMATCH_CHANGED"
        text += f"resulting from the version '{wanted}' in the ValueSet include is different to the one in the value ('{asked}')"
    else:
        name = "VALUESET_VALUE_MISMATCH"
        text += f"in the ValueSet include is different to the one in the value ('{asked}')"
    return _said(severity, "invalid", "vs-invalid", name, text, below(path, "version"))


def version_refused(system: str, version: str, wanted: str) -> Issue:
    """Return the error that a version does not pass a check-system-version of the request."""
    text = f"The version '{version}' is not allowed for system '{system}': required to be '{wanted}' by a version-check parameter"
    return _said("error", "exception", "version-error", "VALUESET_VERSION_CHECK", text)


def versions_contradict(system: str, one: str, other: str, *, forced: bool) -> Issue:
    """Return the error that a request gives two versions for one system."""
    name = "SYSTEM_VERSION_MULTIPLE_OVERRIDE" if forced else "SYSTEM_VERSION_MULTIPLE_DEFAULT"
    kind = "version overrides" if forced else "default versions"
    text = f"Multiple {kind} found for system {system}: '{one}', '{other}');"
    return _said("error", "exception", "version-error", name, text)


# --- displays --------------------------------------------------------------------------------------------------------


def display_differs(
    display: str, system: str, code: str, valid: str, count: int, languages: str, path: str, severity: str, *, blanks: bool
) -> Issue:
    """Return the issue for a display that is none of the `count` valid ones, listed in `valid`."""
    what = "Wrong whitespace in Display Name" if blanks else "Wrong Display Name"
    name = f"Display_Name_{'WS_' if blanks else ''}for__should_be_one_of__instead_of"
    choices = "Valid display is" if count == 1 else f"Valid display is one of {count} choices:"
    text = f"{what} '{display}' for {system}#{code}. {choices} {valid} (for the language(s) '{languages}')"
    return _said(severity, "invalid", "invalid-display", name, text, below(path, "display"))


def display_unknowable(display: str, system: str, code: str, languages: str, path: str, severity: str = "warning") -> Issue:
    """Return the issue for a display of a concept that has none to compare with."""
    text = f"Cannot validate display '{display}' for {system}#{code} in language {languages}: No displays are known"
    return _said(severity, "invalid", "invalid-display", "NO_VALID_DISPLAY_AT_ALL", text, below(path, "display"))


def display_of_default_language(display: str, system: str, code: str, languages: str, path: str) -> Issue:
    """Return the information that a display is right, although not in the language asked for, which has none."""
    text = f"There are no valid display names found for the code {system}#{code} for language(s) '{languages}'."
    text += f" The display is '{display}' which is a valid display for the default language"
    name = "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK"
    return _said("information", "invalid", "invalid-display", name, text, below(path, "display"))


def display_wrong_in_any_language(
    display: str, system: str, code: str, languages: str, default: str, path: str, severity: str
) -> Issue:
    """Return the issue for a wrong display in a language that has no displays."""
    text = f"Wrong Display Name '{display}' for {system}#{code}. There are no valid display names found for language(s)"
    text += f" '{languages}'. Default display is '{default}'"
    name = "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR"
    return _said(severity, "invalid", "invalid-display", name, text, below(path, "display"))


def display_outdated(display: str, code: str, right: Sequence[str], status: str, path: str, severity: str) -> Issue:
    """Return the issue for a display that was right once."""
    correct = f"The correct display is {'' if len(right) == 1 else 'one of '}"
    listed = ",".join(right)
    shown = f"'{listed}'" if len(right) == 1 else listed
    text = f"'{display}' is no longer considered a correct display for code '{code}' (status = {status}). {correct}{shown}"
    return _said(severity, "invalid", "display-comment", "INACTIVE_DISPLAY_FOUND", text, below(path, "display"))


# --- resources -------------------------------------------------------------------------------------------------------


def value_set_not_found(canonical: str) -> Issue:
    """Return the error for a value set that is not held."""
    text = f"A definition for the value Set '{canonical}' could not be found"
    name = "Unable_to_resolve_value_Set_"
    return _said("error", "not-found", "not-found", name, text, detail="unknown-value-set")


def included_value_set_not_found(url: str, version: str) -> Issue:
    """Return the error for a value set that another one includes and that is not held."""
    text = f"Unable to find included value set '{url}'"
    name = "VS_EXP_IMPORT_UNK"
    if version:
        text, name = f"{text} version '{version}'", "VS_EXP_IMPORT_UNK_PINNED"
    return _said("error", "not-found", "not-found", name, text, detail="unprocessable")


def supplements_not_found(canonicals: Iterable[str]) -> Issue:
    """Return the error for supplements that the value set or the request needs and that are not held."""
    missing = list(canonicals)
    text = f"Required supplement{'' if len(missing) == 1 else 's'} not found: {','.join(missing)}"
    return _said("error", "not-found", "not-found", "VALUESET_SUPPLEMENT_MISSING", text, detail="unprocessable")


def value_set_circular(canonical: str, path: Iterable[str]) -> Issue:
    """Return the error for a value set that includes itself by way of others."""
    steps = ", ".join(each for each in path if each)
    text = f"Found a circularity pointing to {canonical} processing ValueSet with pathway [{steps}]"
    return _said("error", "processing", "vs-invalid", "VALUESET_CIRCULAR_REFERENCE", text)


def value_set_too_large(canonical: str, limit: str) -> Issue:
    """Return the error for a value set with more members than are produced in one answer."""
    text = f"The value set '{canonical}' expansion has too many codes to produce ({limit})"
    return _said("error", "too-costly", "too-costly", "VALUESET_TOO_COSTLY", text, detail="too-costly")


def evaluation_too_costly() -> Issue:
    """Return the error for a request that takes too much work, whatever it asks for."""
    text = "The request takes too many steps to evaluate; ask for less of the value set, or send smaller code systems"
    return Issue("error", "too-costly", "too-costly", text, "", "too-costly")


def value_set_without_definition(canonical: str) -> Issue:
    """Return the error for a value set that says nothing about its members."""
    text = f"The value set {canonical} has no compose and no expansion, so it cannot be expanded"
    return _said("error", "invalid", "vs-invalid", "VALUESET_NO_COMPOSE", text, detail="unprocessable")


def concept_set_without_system(place: str, *, has_codes: bool) -> Issue:
    """Return the error for an include or exclude that says codes or filters without a system, or nothing at all."""
    what = "concepts or filters without a system" if has_codes else "neither a system nor a value set"
    text = f"{place} has {what}, so what it selects cannot be told"
    return Issue("error", "invalid", "unprocessable", text, place, "vs-invalid")


def filter_not_understood(property_: str, op: str, value: str, path: str) -> Issue:
    """Return the error for a filter that the code system does not know."""
    text = f'The filter "{property_} {op} {value}" is not understood or supported'
    return _said("error", "not-supported", "vs-invalid", "FILTER_NOT_UNDERSTOOD", text, path, "unprocessable")


def filter_without_value(system: str, property_: str, op: str, path: str) -> Issue:
    """Return the error for a filter that has no value."""
    text = f"The system {system} filter with property = {property_}, op = {op} has no value"
    name = "UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE"
    return _said("error", "invalid", "vs-invalid", name, text, path)


def language_invalid(language: str) -> Issue:
    """Return the error for a displayLanguage that is no language."""
    text = f"Invalid displayLanguage: '{language}'"
    return _said("error", "processing", "invalid-display", "INVALID_DISPLAY_NAME", text)


def system_without_content(system: str, content: str) -> Issue:
    """Return the error for a code system whose content is not there to be expanded."""
    what = "has no content" if content == "not-present" else "defines a supplement"
    text = f"The code system definition for {system} {what}, so this expansion cannot be performed"
    return Issue("error", "business-rule", "unprocessable", text, "", "invalid-data")


def locked_date(canonical: str) -> Issue:
    """Return the error for a value set locked to a date, which no resource of a request can honour."""
    text = f"Cannot process ValueSet {canonical} due to the presence of a lockedDate on the compose"
    return Issue("error", "business-rule", "unprocessable", text, "", "business-rule")


def modifier_extension(canonical: str, place: str, urls: str) -> Issue:
    """Return the error for an element that modifier extensions change in a way that is not known here.

    `canonical` is that of its resource, '' where the place says it.
    """
    what = "modifier extensions" if "', '" in urls else "the modifier extension"
    resource = f"resource {canonical}" if canonical else "resource"
    text = f'Cannot process {resource} at "{place}" due to the presence of {what} {urls}'
    return Issue("error", "business-rule", "unprocessable", text, "", "business-rule")


def implicit_rules(canonical: str, rules: str) -> Issue:
    """Return the error for a resource made under rules that are not known here."""
    text = f"Cannot process resource \"{canonical}\" due to the presence of implicit rules '{rules}'"
    return Issue("error", "business-rule", "unprocessable", text, "", "business-rule")


def resource_status(state: str, type_: str, canonical: str, source: str = "", source_status: str = "", kind: str = "") -> Issue:
    """Return the information that a resource used is deprecated, withdrawn, retired, experimental or a draft.

    For a draft, `source` is what refers to it: its canonical, status and resource type.
    """
    text = f"Reference to {state} {type_} {canonical}"
    name = f"MSG_{state.upper()}"
    if state == "draft" and source_status:
        text, name = f"{text} from {source_status} {kind} {source}", "MSG_DRAFT_SRC_STATUS"
    return _said("information", "business-rule", "status-check", name, text)


# --- subsumption -----------------------------------------------------------------------------------------------------


def subsumption_not_meant(canonical: str, meaning: str) -> Issue:
    """Return the error that a hierarchy does not mean subsumption."""
    text = f"The CodeSystem '{canonical}' has hierarchyMeaning = {meaning}, so its hierarchy does not describe subsumption, and"
    text += " subsumption cannot be tested"
    return Issue("error", "not-supported", "unprocessable", text)


def subsumption_not_complete(canonical: str, content: str) -> Issue:
    """Return the error that a code system does not have all that subsumption depends on."""
    text = (
        f"The CodeSystem '{canonical}' has content = {content}, so subsumption cannot be tested (subsumption can only be tested"
    )
    text += " against a code system with content = complete)"
    return Issue("error", "not-supported", "unprocessable", text)


def subsumption_system_not_found(system: str, version: str) -> Issue:
    """Return the error that the code system of a subsumption test is not held."""
    what = f" version '{version}'" if version else ""
    name = "SUBSUMPTION_CS_NOT_FOUND_VERSION" if version else "SUBSUMPTION_CS_NOT_FOUND"
    text = f"A definition for the CodeSystem '{system}'{what} could not be found, so subsumption cannot be tested"
    return _said("error", "not-found", "not-found", name, text, detail="unknown-system")


# --- resources of a request ------------------------------------------------------------------------------------------


def resource_malformed(path: str, shown: str, wanted: str) -> Issue:
    """Return the error for an element of a resource in the request that has the wrong type."""
    text = f"{path} is {shown}; it must be {wanted}"
    return Issue("error", "structure", "malformed-resource", text, path, "invalid-data")


def resource_of_wrong_type(path: str, shown: str, wanted: str) -> Issue:
    """Return the error for a parameter that carries another resource than it should."""
    text = f"{path} carries {shown}; send {wanted} in it"
    return Issue("error", "structure", "malformed-resource", text, path, "invalid-data")


def no_value_set(example: str) -> Issue:
    """Return the error for a request that names no value set."""
    text = f"Must provide either a ValueSet resource or a url parameter, such as url={example}"
    return Issue("error", "required", "missing-parameter", text, "url", "invalid-data")


def no_code(looked_for: str) -> Issue:
    """Return the error for a request that names nothing to validate."""
    text = f"Unable to find code to validate (looked for {looked_for})"
    return Issue("error", "required", "missing-parameter", text, "code", "invalid-data")


def version_rule_malformed(parameter: str, value: str) -> Issue:
    """Return the error for a version parameter that is not `url|version`."""
    text = f"{parameter} is '{value}'; it must be a canonical with a version, such as http://example.org/CodeSystem/x|1.0.0"
    return Issue("error", "value", "bad-parameter", text, parameter, "invalid-data")


def brought_concept_map_unused() -> Issue:
    """Return the error for concept maps sent where none is used."""
    text = "A ConceptMap is not used by this operation"
    return Issue("error", "not-supported", "unsupported-parameter", text, "tx-resource", "not-supported")
