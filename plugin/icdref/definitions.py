"""What code systems, supplements, value sets and concept maps are made of, wherever they come from.

The general words of FHIR terminology, beside `model.py` with those of ICD-10-CM: a request brings such resources along
(`tx-resource`), an operator imports them, and the ones of an edition take the same shape. Frozen data, no behaviour.
Source: HL7 FHIR R4 and R5, CodeSystem, ValueSet and ConceptMap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a code system; '' for what is not said."""

    system: str = ""
    code: str = ""
    version: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension as it came: `content` is the whole JSON object, `value` its primitive value (None: it has none)."""

    url: str
    value: str | bool | int | float | None = None
    content: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)


PropertyContent = str | bool | int | float | Coding
"""What a property can hold; dates and codes are text."""


@dataclass(frozen=True, slots=True)
class Designation:
    """Another text for a concept. `source` is the canonical of the supplement that adds it, '' for the system's own.

    `status` is that of structuredefinition-standards-status, '' where the designation is in use.
    """

    value: str
    language: str = ""
    use: Coding | None = None
    source: str = ""
    status: str = ""
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """One property of a concept. `type` is that of FHIR: code, Coding, string, integer, boolean, dateTime or decimal."""

    code: str
    type: str
    value: PropertyContent
    source: str = ""


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """A property that a code system declares; `uri` says what it means whatever its code."""

    code: str
    type: str
    uri: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class FilterDefinition:
    """A filter that a code system declares beside the ones that every code system has."""

    code: str
    operators: tuple[str, ...]
    value: str = ""


@dataclass(frozen=True, slots=True)
class ConceptDefinition:
    """One concept of a CodeSystem resource. `parents` are the positions of the concepts that it stands under.

    `status` is that of structuredefinition-standards-status on the concept, '' where it has none.
    """

    code: str
    display: str = ""
    definition: str = ""
    designations: tuple[Designation, ...] = ()
    properties: tuple[PropertyValue, ...] = ()
    parents: tuple[int, ...] = ()
    status: str = ""
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """What every canonical resource says about itself. `standards_status` comes from structuredefinition-standards-status."""

    url: str
    version: str = ""
    name: str = ""
    title: str = ""
    status: str = "active"
    experimental: bool = False
    standards_status: str = ""
    language: str = ""
    id: str = ""
    publisher: str = ""
    version_algorithm: str = ""

    @property
    def canonical(self) -> str:
        """Return `url|version`, or the url alone where there is no version."""
        return f"{self.url}|{self.version}" if self.version else self.url


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A CodeSystem resource: its concepts flattened, parents before children. `content` is FHIR's code.

    A supplement has content `supplement` and names the code system that it adds to in `supplements` (`url` or `url|version`).
    """

    header: Header
    content: str = "complete"
    case_sensitive: bool = True
    version_needed: bool = False
    hierarchy_meaning: str = ""
    compositional: bool = False
    value_set: str = ""
    supplements: str = ""
    is_language_pack: bool = False
    properties: tuple[PropertyDefinition, ...] = ()
    filters: tuple[FilterDefinition, ...] = ()
    concepts: tuple[ConceptDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on concepts: all filters of a concept set must hold. `op` is FHIR's filter operator."""

    property: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class ConceptReference:
    """One concept that a value set lists, with its own display and designations where it gives them."""

    code: str
    display: str = ""
    designations: tuple[Designation, ...] = ()
    status: str = ""
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True)
class ConceptSet:
    """One include or exclude of a compose: concepts of a system, by list or by filters, that are in all `value_sets`."""

    system: str = ""
    version: str = ""
    concepts: tuple[ConceptReference, ...] = ()
    filters: tuple[Filter, ...] = ()
    value_sets: tuple[str, ...] = ()
    supplements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compose:
    """How a value set is put together. `inactive` None: the value set does not say whether inactive codes are in it."""

    include: tuple[ConceptSet, ...] = ()
    exclude: tuple[ConceptSet, ...] = ()
    inactive: bool | None = None
    locked_date: str = ""
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredMember:
    """A member of an expansion that a ValueSet resource brings along ready-made; `depth` is its level in the tree."""

    system: str
    version: str
    code: str
    display: str = ""
    abstract: bool = False
    inactive: bool = False
    depth: int = 0
    designations: tuple[Designation, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A ValueSet resource. `parameters` are the (name, value) of its valueset-expansion-parameter extensions.

    `supplements` are those that it requires (valueset-supplement); `contained` are value sets known by `#id` inside it.
    `modified` are its parts (their name, urls) that modifier extensions change in ways that are not known here, `implicit_rules`
    the rules that it says hold for it. `content` is the resource as it came, for an answer that repeats its elements; None:
    there is only what stands here.
    """

    header: Header
    compose: Compose | None = None
    expansion: tuple[StoredMember, ...] | None = None
    supplements: tuple[str, ...] = ()
    parameters: tuple[tuple[str, PropertyContent], ...] = ()
    contained: tuple[ValueSet, ...] = ()
    modified: tuple[tuple[str, str], ...] = ()
    implicit_rules: str = ""
    content: Mapping[str, Any] | None = field(default=None, hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class MappingTarget:
    """What a concept maps to. `relationship` is R5's code; `equivalence` R4's, where the resource gave one."""

    code: str
    display: str = ""
    relationship: str = ""
    equivalence: str = ""
    comment: str = ""
    depends_on: tuple[PropertyValue, ...] = ()
    product: tuple[PropertyValue, ...] = ()


@dataclass(frozen=True, slots=True)
class MappingGroup:
    """The mappings from one code system to another: `elements` are (source code, targets); no targets is "no map"."""

    source: str
    source_version: str
    target: str
    target_version: str
    elements: tuple[tuple[str, tuple[MappingTarget, ...]], ...]
    unmapped_mode: str = ""
    unmapped_code: str = ""
    unmapped_display: str = ""
    unmapped_map: str = ""


@dataclass(frozen=True, slots=True)
class ConceptMap:
    """A ConceptMap resource; the scopes are canonicals of value sets, '' where it does not say."""

    header: Header
    source_scope: str = ""
    target_scope: str = ""
    groups: tuple[MappingGroup, ...] = ()
