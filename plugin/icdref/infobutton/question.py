"""What a knowledge request asks, read from its parameters; what cannot be used is passed over and said in the remarks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from icdref import codes
from icdref.infobutton.ages import age_group
from icdref.infobutton.parameters import EFFECTIVE_TIME, Parameters

PATIENT: Final = "patient"
CLINICIAN: Final = "clinician"

_LANGUAGE: Final = re.compile(r"\A[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}\Z", re.ASCII)
_STAMP: Final = re.compile(r"\A([0-9]{8})(?:[0-9]{0,6})(?:\.[0-9]+)?(?:[+-][0-9]{4})?\Z", re.ASCII)
_NAMED_SYSTEMS: Final = {
    "icd10cm": codes.ICD10CM,
    "icd9cm": codes.ICD9CM,
    "icd10": codes.ICD10_WHO,
    "snomedct": codes.SNOMED_CT,
    "snomed": codes.SNOMED_CT,
}
SYSTEM_TITLES: Final = {
    codes.ICD10CM: "ICD-10-CM",
    codes.ICD9CM: "ICD-9-CM",
    codes.ICD10_WHO: "ICD-10",
    codes.SNOMED_CT: "SNOMED CT",
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is asked about: a code with its system, a text, or both."""

    code: str = ""
    system: str = ""
    text: str = ""

    @property
    def label(self) -> str:
        """Return how the answer names what was asked: system and code, or that it was a name."""
        if not self.code:
            return "the name that was sent"
        return f"{SYSTEM_TITLES.get(self.system, self.system)} {self.code}".strip()


@dataclass(frozen=True, slots=True)
class Question:
    """A knowledge request: what it is about, who reads the answer, on which day, and how it is to be answered.

    `topics` are the sub-topics as sent; `echo` what the answer repeats; `remarks` what was passed over and why.
    """

    criteria: tuple[Criterion, ...]
    topics: tuple[str, ...] = ()
    audience: str = CLINICIAN
    language: str = "en"
    day: date | None = None
    explain: bool = False
    private: bool = False
    echo: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = field(default=())


def read_question(given: Parameters) -> Question:
    """Return the question of a request. Never fails: without a code and a text it has no criteria."""
    remarks: list[str] = []
    return Question(
        criteria=_criteria(given),
        topics=tuple(row["c"] for row in given.criteria("subTopic") if "c" in row),
        audience=PATIENT if given.text("informationRecipient").upper() == "PAT" else CLINICIAN,
        language=_language(given, remarks),
        day=_day(given, remarks),
        explain=given.text("explain").lower() == "true",
        private=given.private,
        echo=given.echo(),
        remarks=(*remarks, *_age(given)),
    )


def to_system(text: str) -> str:
    """Return the FHIR URI of a code system named by URI, OID, urn:oid or the short names that some EHRs send.

    >>> to_system("ICD10CM"), to_system("2.16.840.1.113883.6.96")
    ('http://hl7.org/fhir/sid/icd-10-cm', 'http://snomed.info/sct')
    """
    folded = "".join(letter for letter in text.lower() if letter.isalnum())
    return _NAMED_SYSTEMS.get(folded) or codes.to_system(text)


def _criteria(given: Parameters) -> tuple[Criterion, ...]:
    """Return what is asked, each once: two rows that mean the same code are one."""
    found: dict[tuple[str, str, str], Criterion] = {}
    for row in given.criteria("mainSearchCriteria"):
        code, text = row.get("c", ""), row.get("dn", "") or row.get("ot", "")
        if not code and not text:
            continue
        if not code and _is_code(text):  # typed into a search box
            code = text
        system = to_system(row["cs"]) if row.get("cs") else codes.ICD10CM
        if not code:
            found.setdefault(("", "", text.lower()), Criterion(text=text))
            continue
        spelling = (codes.normalise(code) if system == codes.ICD10CM else None) or code
        found.setdefault((system, spelling, ""), Criterion(spelling, system, text))
    return tuple(found.values())


def _is_code(text: str) -> bool:
    """Tell whether a text is an ICD-10-CM code rather than a name; FOP has the shape of one, but no digit."""
    return codes.normalise(text) is not None and text[:1].isalpha() and any(letter.isdigit() for letter in text)


def _language(given: Parameters, remarks: list[str]) -> str:
    tag = given.text("informationRecipient.languageCode.c")
    if not tag:
        return "en"
    if not _LANGUAGE.match(tag):
        remarks.append("informationRecipient.languageCode.c is not an RFC 5646 language tag and was passed over")
        return "en"
    primary, *rest = tag.split("-")
    return "-".join([primary.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def _day(given: Parameters, remarks: list[str]) -> date | None:
    """Return the day that picks the release: our own `date`, else the date of the effective time."""
    if text := given.text("date"):
        try:
            return date.fromisoformat(text)
        except ValueError:
            remarks.append("date is not a date such as 2026-11-22 and was passed over")
    if text := given.text(EFFECTIVE_TIME):
        match = _STAMP.match(text)
        try:
            return datetime.strptime(match[1] if match else "", "%Y%m%d").date()
        except ValueError:
            remarks.append(f"{EFFECTIVE_TIME} is not a time such as 20261122 and was passed over")
    return None


def _age(given: Parameters) -> list[str]:
    """Return a remark on the age group that an age means: context that changes nothing in the answer today."""
    if not given.text("age.v.v"):
        return []
    group = age_group(given.text("age.v.v"), given.text("age.v.u"))
    if group is None:
        return ["age.v is not an age with a unit (min, h, d, wk, mo, a) and was passed over"]
    return [f"The age that was sent means the MeSH age group {group}; it does not change the answer"]
