"""What each condition summary is about as a value set: the codes it is bound to, in the release that answers."""

from __future__ import annotations

from datetime import date
from typing import Final

from icdref import codes
from icdref.canonicals import canonical
from icdref.definitions import CodeSystem, Compose, ConceptMap, ConceptReference, ConceptSet, Filter, Header, ValueSet
from icdref.model import ConditionSummary
from icdref.service.summaries import Summaries

_END: Final = "-codes"


class SummaryValueSets:
    """The value sets `<id>-codes` of the summaries served today; their version is that of the summary."""

    def __init__(self, summaries: Summaries) -> None:
        self._summaries = summaries

    def value_sets(self, url: str) -> tuple[ValueSet, ...]:
        """Return the value set of a summary by its canonical url."""
        found = self.value_set_by_id(url.rpartition("/")[2])
        return (found,) if found and found.header.url == url else ()

    def answering(self, url: str, version: str, day: date | None) -> ValueSet | None:
        """Return None: nothing but the version decides which one answers."""
        del url, version, day
        return None

    def value_set_by_id(self, id_: str) -> ValueSet | None:
        """Return the value set `<id>-codes`, None where there is no such summary or it is not served."""
        summary = self._summaries.all.get(id_.removesuffix(_END)) if id_.endswith(_END) else None
        return _value_set(summary) if summary and self._summaries.is_served(summary) else None

    def supplements(self, system: str) -> tuple[CodeSystem, ...]:
        """Return (): summaries supplement nothing."""
        del system
        return ()

    def concept_maps(self, url: str) -> tuple[ConceptMap, ...]:
        """Return (): what summaries name as equivalent, the translator knows."""
        del url
        return ()


def _value_set(summary: ConditionSummary) -> ValueSet:
    own = [each for each in summary.codes if each.system == codes.ICD10CM]
    bound = [each for each in own if each.role == "focus"] or [each for each in own if each.role == "context"]
    # Without a version: the release that answers on the day of the question, as in every answer about the summary.
    parts = [ConceptSet(codes.ICD10CM, filters=(Filter("concept", "is-a", each.code),)) for each in bound if each.match != "self"]
    if singles := tuple(ConceptReference(each.code) for each in bound if each.match == "self"):
        parts.append(ConceptSet(codes.ICD10CM, concepts=singles))
    id_ = f"{summary.id}{_END}"
    title = f"ICD-10-CM codes of the summary: {summary.title['en']}"
    status = "active" if summary.status == "approved" else "draft"
    name = "".join(part.capitalize() for part in id_.split("-"))
    return ValueSet(Header(canonical("ValueSet", id_), summary.version, name, title, status, id=id_), Compose(tuple(parts)))
