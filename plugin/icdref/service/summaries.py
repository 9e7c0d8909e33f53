"""The summaries of an edition, found by the codes they are bound to and by their names."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date

from icdref import codes
from icdref.model import ConditionSummary
from icdref.records import from_record
from icdref.service import status
from icdref.service.withdrawn import Gaps, without
from icdref.store.conditions import ConditionStore
from icdref.store.withdrawals import Withdrawals

_EXACT_KINDS = frozenset({"official", "clinical", "lay", "eponym", "abbreviation"})


class Summaries:
    """All summaries of an edition, in memory: there are few, and they never change within an edition.

    `all` has every one of them, without the statements that are withdrawn; what is found by code or name is only what is
    served today. `gaps` says what withdrawal took out, `statements` has every statement left with the id of its summary;
    `named_in` the ids of all statements that a summary has or rests on, withdrawn ones too.
    """

    def __init__(
        self, store: ConditionStore, lowest_status: str, today: Callable[[], date], withdrawals: Withdrawals | None = None
    ) -> None:
        self.withdrawals = withdrawals or Withdrawals()
        read = [from_record(record) for record in store.records()]
        found = [without(summary, self.withdrawals.statements) for summary in read]
        self.named_in = {summary.id: _statement_ids(summary) for summary in read}
        self.all: dict[str, ConditionSummary] = {summary.id: summary for summary, _ in found}
        self.gaps: dict[str, Gaps] = {summary.id: gaps for summary, gaps in found}
        self.statements = {each.id: (summary.id, each) for summary in self.all.values() for each in summary.statements}
        self._lowest_status = lowest_status
        self._today = today
        self._focus: dict[str, list[tuple[str, str]]] = {}
        self._context: dict[str, list[tuple[str, str]]] = {}
        self._equivalents: dict[tuple[str, str], list[str]] = {}
        self._names: dict[str, list[str]] = {}
        for summary in self.all.values():
            self._index(summary)

    def is_served(self, summary: ConditionSummary) -> bool:
        """Tell whether a summary's text may be shown today: not retired, not expired, of a status the operator allows."""
        if self.withdrawals.damaged:  # nobody can tell which statements are withdrawn
            return False
        state = status.served_status(summary, self._today())
        if self._lowest_status == "approved":
            return state in ("approved", "stale")
        return state not in ("retired", "expired")

    def bound_to(self, code: str, *, exact: bool) -> tuple[str, ...]:
        """Return the ids of summaries about an ICD-10-CM code itself (`exact`) or about everything below it too."""
        return self._served(each for each, match in self._focus.get(code, ()) if exact or match == "self-and-descendants")

    def focus_codes(self) -> tuple[str, ...]:
        """Return the ICD-10-CM codes that some summary is primarily about."""
        return tuple(self._focus)

    def in_context_of(self, code: str, *, exact: bool) -> tuple[str, ...]:
        """Return the ids of summaries that also concern a code without being primarily about it."""
        return self._served(each for each, match in self._context.get(code, ()) if exact or match == "self-and-descendants")

    def equivalent_to(self, system: str, code: str) -> tuple[str, ...]:
        """Return the ids of summaries that name a code of another code system as theirs."""
        return self._served(self._equivalents.get((system, code.upper()), ()))

    def named(self, text: str) -> tuple[str, ...]:
        """Return the ids of summaries with a title or synonym that is this text, accents and case apart."""
        return self._served(self._names.get(folded(text), ()))

    def unserved(self, path: Iterable[str]) -> str:
        """Return why the summary of a code is not served, '' where none is withheld; `path` is the code and those above it."""
        for level, code in enumerate(path):
            for identifier, match in self._focus.get(code, ()):
                if level == 0 or match == "self-and-descendants":
                    reason = self._withheld_because(self.all[identifier])
                    if reason:
                        return f"The text of the summary {identifier} is withheld: {reason}"
        return ""

    def _withheld_because(self, summary: ConditionSummary) -> str:
        state = status.served_status(summary, self._today())
        if self.withdrawals.damaged:
            return self.withdrawals.damaged
        if state is status.Status.RETIRED or self.is_served(summary):
            return ""
        if state is status.Status.EXPIRED:
            return f"it expired on {summary.review.expires}"
        return "no clinician has approved it, and this server serves approved text alone"

    def systems(self) -> Iterable[str]:
        """Return the code systems other than ICD-10-CM that some summary names a code of."""
        return sorted({system for system, _ in self._equivalents})

    def _served(self, identifiers: Iterable[str]) -> tuple[str, ...]:
        return tuple(identifier for identifier in identifiers if self.is_served(self.all[identifier]))

    def _index(self, summary: ConditionSummary) -> None:
        for binding in summary.codes:
            if binding.system != codes.ICD10CM:
                self._equivalents.setdefault((binding.system, binding.code.upper()), []).append(summary.id)
            elif binding.role == "context":
                self._context.setdefault(binding.code, []).append((summary.id, binding.match))
            else:
                self._focus.setdefault(binding.code, []).append((summary.id, binding.match))
        names = [synonym.text for synonym in summary.synonyms if synonym.kind in _EXACT_KINDS]
        for name in dict.fromkeys(folded(name) for name in (*summary.title.values(), *names)):
            self._names.setdefault(name, []).append(summary.id)


def _statement_ids(summary: ConditionSummary) -> frozenset[str]:
    based = (identifier for text in summary.patient_texts for identifier in text.based_on)
    return frozenset((*(statement.id for statement in summary.statements), *based))


def folded(text: str) -> str:
    """Return a name without accents, case, punctuation and doubled blanks, for exact matching.

    >>> folded("Münchmeyer's  disease")
    'munchmeyer s disease'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())
