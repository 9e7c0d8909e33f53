"""Complete answers of the terminology engine: an expansion, and what was found about coded values in a value set.

As in `results.py`: values, what was used to reach them, and any issues inside; nobody downstream patches them.
"""

from __future__ import annotations

from dataclasses import dataclass

from icdref.definitions import (
    Coding,
    Designation,
    Extension,
    Header,
    PropertyContent,
    PropertyDefinition,
    PropertyValue,
    ValueSet,
)
from icdref.issues import Issue


@dataclass(frozen=True, slots=True)
class Member:
    """One row of an expansion. `contains` are the rows below it, empty in a flat expansion.

    `version` is '' where the version of the system goes without saying. `status` and the like are among `properties`.
    """

    system: str
    version: str
    code: str
    display: str
    abstract: bool = False
    inactive: bool = False
    designations: tuple[Designation, ...] = ()
    properties: tuple[PropertyValue, ...] = ()
    extensions: tuple[Extension, ...] = ()
    contains: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpansionParameter:
    """One row of expansion.parameter. `type` is uri, string, code, boolean or integer."""

    name: str
    type: str
    value: PropertyContent


@dataclass(frozen=True, slots=True)
class Expansion:
    """A value set expanded. `total` is the number of members of the whole expansion; None where it cannot be known.

    `properties` declares those that members carry. `identifier` and `timestamp` are the same for equal requests.
    `paged` is set where `members` are a page from `offset` on. `unclosed` are the reasons why the value set may have more members.
    """

    value_set: ValueSet
    identifier: str
    timestamp: str
    total: int | None
    members: tuple[Member, ...]
    parameters: tuple[ExpansionParameter, ...] = ()
    properties: tuple[PropertyDefinition, ...] = ()
    offset: int | None = None
    unclosed: tuple[str, ...] = ()
    release: str = ""


@dataclass(frozen=True, slots=True)
class CodedValidation:
    """Whether a coded value is right, in a code system or a value set, and everything worth knowing about it.

    `codings` and `text` are the CodeableConcept that was sent, None where a code or Coding was. `unknown_systems` are
    canonicals that could not be found and had no say in the result, `caused_by` those that did.
    """

    result: bool
    code: str = ""
    system: str = ""
    version: str = ""
    display: str = ""
    message: str = ""
    normalised: str = ""
    inactive: bool | None = None
    status: str = ""
    codings: tuple[Coding, ...] | None = None
    text: str = ""
    unknown_systems: tuple[str, ...] = ()
    caused_by: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    release: str = ""


@dataclass(frozen=True, slots=True)
class ConceptLookup:
    """What a code system in general says about one code. `parents` and `children` are (code, display)."""

    header: Header
    code: str
    display: str
    definition: str
    abstract: bool
    inactive: bool
    designations: tuple[Designation, ...] = ()
    properties: tuple[PropertyValue, ...] = ()
    parents: tuple[tuple[str, str], ...] = ()
    children: tuple[tuple[str, str], ...] = ()
