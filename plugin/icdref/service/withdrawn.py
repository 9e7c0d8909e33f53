"""What is left of a summary when statements of it are withdrawn for safety: nothing downstream ever sees them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from icdref.model import ConditionSummary, Statement


@dataclass(frozen=True, slots=True)
class Gaps:
    """What withdrawal took out of a summary: statements by section, and patient texts by language."""

    sections: Mapping[str, int] = field(default_factory=dict)
    patient_texts: tuple[str, ...] = ()


def without(summary: ConditionSummary, withdrawn: Set[str]) -> tuple[ConditionSummary, Gaps]:
    """Return a summary without the withdrawn statements, and what is missing.

    A patient text goes as a whole when a statement that it rests on goes: which of its sentences rests on which
    statement is not recorded. Links to a withdrawn statement go too.
    """
    if not withdrawn:
        return summary, Gaps()
    gone = [statement for statement in summary.statements if statement.id in withdrawn]
    hidden = [text for text in summary.patient_texts if not withdrawn.isdisjoint(text.based_on)]
    left = replace(
        summary,
        statements=tuple(_unlinked(each, withdrawn) for each in summary.statements if each.id not in withdrawn),
        patient_texts=tuple(text for text in summary.patient_texts if text not in hidden),
        relations=tuple(replace(each, why="") if each.why in withdrawn else each for each in summary.relations),
    )
    return left, Gaps(Counter(statement.section for statement in gone), tuple(text.language for text in hidden))


def _unlinked(statement: Statement, withdrawn: Set[str]) -> Statement:
    conflict = statement.conflict
    if conflict is None or withdrawn.isdisjoint(conflict.other):
        return statement
    left = tuple(other for other in conflict.other if other not in withdrawn)
    return replace(statement, conflict=replace(conflict, other=left))
