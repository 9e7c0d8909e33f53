"""The parameters of a knowledge request: which names exist, how loosely they are spelt, and what makes a request wrong.

Source: HL7 Context-Aware Knowledge Retrieval, URL-based Implementation Guide R4; the tolerance is what EHRs need.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from icdref import issues, issues_doors
from icdref.issues import IcdRefError

LONGEST_VALUE: Final = 1000
"""Characters of a value that are read; a longer one is cut, because no code, name or tag is."""

PASSWORD: Final = "holder.assignedEntity.certificateText"  # noqa: S105 -- the name of the parameter that is refused
RESPONSE_TYPE: Final = "knowledgeResponseType"
EFFECTIVE_TIME: Final = "knowledgeRequestNotification.effectiveTime.v"

_CODED: Final = (
    "taskContext.c",
    "informationRecipient.healthCareProvider.c",
    "performer.healthCareProvider.c",
    "patientPerson.administrativeGenderCode",
    "ageGroup.v",
    "encounter.c",
    "severityObservation.interpretationCode",
    "observation.c",
    "observation.v",
)
_PLAIN: Final = (
    "informationRecipient",
    "informationRecipient.languageCode.c",
    "performer",
    "performer.languageCode.c",
    "age.v.v",
    "age.v.u",
    "locationOfInterest.addr.ZIP",
    "locationOfInterest.addr.CTY",
    "locationOfInterest.addr.STA",
    "locationOfInterest.addr.CNT",
    "holder.assignedEntity.n",
    PASSWORD,
    "assignedAuthorizedPerson.id.root",
    "representedOrganization.id.root",
    "assignedEntity.representedOrganization.n",
    "serviceDeliveryLocation.id.root",
    EFFECTIVE_TIME,
    RESPONSE_TYPE,
    "callback",
    "jsonp",
    "transform",
    "xsltTransform",
    "explain",
    "date",
)
_KNOWN: Final = {
    name.lower(): name for name in (*_PLAIN, *(f"{coded}.{part}" for coded in _CODED for part in ("c", "cs", "dn", "ot")))
}
_NUMBERED: Final = re.compile(r"\A(mainsearchcriteria|subtopic)\.([vc])\.(cs|c|dn|ot)([0-9]{0,3})\Z", re.ASCII)
_STEMS: Final = {"mainsearchcriteria": "mainSearchCriteria", "subtopic": "subTopic"}

_NOT_ECHOED: Final = frozenset({PASSWORD, RESPONSE_TYPE, "callback", "jsonp", "transform", "xsltTransform", "explain", "date"})
_PUBLIC: Final = re.compile(
    r"(?:mainSearchCriteria|subTopic)\.[vc]\.cs?[0-9]*|(?:informationRecipient|performer)(?:\.languageCode\.c)?"
    r"|taskContext\.c\.\w+|knowledgeResponseType|callback|jsonp|transform|xsltTransform|explain|date"
)
"""Names that say nothing about one patient; with any other that has a value, the answer is private and never stored."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters that were sent and are known, by canonical name, blanks around values taken off.

    `private` tells that something may be about one patient: whatever is not on the short list of what cannot be.
    """

    values: Mapping[str, str]
    private: bool

    def text(self, name: str) -> str:
        """Return the value of a parameter, '' where it was not sent."""
        return self.values.get(name, "")

    def criteria(self, stem: str) -> list[dict[str, str]]:
        """Return the rows of `mainSearchCriteria` or `subTopic`, by number: each with c, cs, dn, ot where they have a value.

        Names with `.v.` win over the old ones with `.c.`, row by row and part by part.
        """
        rows: dict[int, dict[str, str]] = {}
        for form in ("c", "v"):
            for name, value in self.values.items():
                parts = name.split(".")
                if parts[0] != stem or parts[1] != form or not value:
                    continue
                part = parts[2].rstrip("0123456789")
                rows.setdefault(int(parts[2][len(part) :] or -1), {})[part] = value
        return [rows[number] for number in sorted(rows)]

    def echo(self) -> tuple[tuple[str, str], ...]:
        """Return (name, value) of what was asked, in the order sent, for the categories of the answer."""
        return tuple((name, value) for name, value in self.values.items() if value and name not in _NOT_ECHOED)


def canonical_name(name: str) -> str:
    """Return the documented spelling of a parameter's name, '' for a name that is none.

    >>> canonical_name("MAINSEARCHCRITERIA.C.C"), canonical_name("patientPerson.genderCode")
    ('mainSearchCriteria.c.c', '')
    """
    folded = name.strip().lower()
    if match := _NUMBERED.match(folded):
        return f"{_STEMS[match[1]]}.{match[2]}.{match[3]}{match[4]}"
    return _KNOWN.get(folded, "")


def read_parameters(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Return the known parameters among the pairs of a request; unknown names are passed over.

    Raises IcdRefError: a known parameter twice, or a password among them.
    """
    values: dict[str, str] = {}
    private = False
    for sent, text in pairs:
        name, value = canonical_name(sent), _clean(text)
        if not name:
            private = private or bool(value)
            continue
        if name in values:
            raise IcdRefError(issues.repeated_parameter(name))
        if name == PASSWORD and value:
            raise IcdRefError(issues_doors.password_sent(name))
        values[name] = value
        private = private or (bool(value) and not _PUBLIC.fullmatch(name))
    return Parameters(values, private)


def _clean(text: str) -> str:
    """Return a value without control characters, which no format of ours can carry, and of bearable length."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_VALUE])
    return printable.strip()
