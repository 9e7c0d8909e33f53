"""Rule 16: a patient text is easy to read and says nothing that its statements do not say."""

from __future__ import annotations

from collections.abc import Iterator

from icdref.compiler.content.context import Context, patient_file
from icdref.compiler.content.numbers import numbers
from icdref.compiler.content.readability import grade
from icdref.importers.faults import Fault, shown
from icdref.model import ConditionSummary, PatientText, Statement

HIGHEST_TARGET = 8.0
"""The hardest reading grade that a patient text may aim at."""

_RANK = {"draft": 0, "in-review": 1, "approved": 2, "retired": 3}


def patient_texts(context: Context) -> Iterator[Fault]:
    """Yield patient texts that are too hard, rest on nothing, hold numbers of their own, or claim too much review."""
    for summary in context.library.summaries:
        for text in summary.patient_texts:
            yield from _too_hard(text)
            yield from _unfounded(context, text)
            yield from _misplaced_parts(text)
            yield from _foreign_numbers(context, summary, text)
            yield from _above_its_summary(summary, text)


def _fault(text: PatientText, where: str, value: object, message: str, fix: str) -> Fault:
    return Fault(patient_file(text), where, str(value), message, fix, rule=16)


def _too_hard(text: PatientText) -> Iterator[Fault]:
    if not 1 <= text.target_grade <= HIGHEST_TARGET:
        message = f"target_grade {text.target_grade:g} is not between 1 and {HIGHEST_TARGET:g}"
        yield _fault(text, "target_grade", text.target_grade, message, "target_grade = 7")
    measured = grade(text.body, text.language)
    if measured is None:
        message = f"there is no reading formula for {shown(text.language)}"
        yield _fault(text, "language", text.language, message, "write English or Spanish, or add a formula")
    elif measured > text.target_grade:
        message = f"measured reading grade {measured:.1f} is above the target, {text.target_grade:g}"
        yield _fault(text, "", f"{measured:.1f}", message, "shorten sentences and words")


def _unfounded(context: Context, text: PatientText) -> Iterator[Fault]:
    if not text.based_on:
        yield _fault(text, "based_on", "[]", "rests on no statement", "list the statements that it retells")
    for identifier in text.based_on:
        if identifier in context.withheld_ids:
            message = f"rests on {shown(identifier)}, which is withheld (grade X)"
            yield _fault(text, "based_on", identifier, message, "take it out, and what the text says of it")
        elif identifier not in context.statements:
            message = f"rests on {shown(identifier)}, which does not exist"
            yield _fault(text, "based_on", identifier, message, "name an existing statement")


def _misplaced_parts(text: PatientText) -> Iterator[Fault]:
    """Yield where the parts and the headings differ, where they leave a statement out."""
    if not text.parts:
        return
    headings = [heading for heading, _ in text.under_headings()]
    named = [part.heading for part in text.parts]
    if headings != named:
        wrong = next((each for each in (*headings, *named) if (each in headings) != (each in named)), "")
        message = f"the parts and the headings differ: {shown(wrong)}" if wrong else "the parts stand in another order"
        yield _fault(text, "part", wrong, message, "write one part for each heading, in the order of the text")
    retold = {identifier for part in text.parts for identifier in part.based_on}
    for identifier in sorted(retold ^ set(text.based_on)):
        where = "based_on" if identifier in retold else "any part"
        yield _fault(text, "part", identifier, f"{shown(identifier)} is not in {where}", "list it in both")
    for part in text.parts:
        if not part.based_on:
            message = f"the part {shown(part.heading)} rests on no statement"
            yield _fault(text, "part", part.heading, message, "list the statements that it retells")


def _foreign_numbers(context: Context, summary: ConditionSummary, text: PatientText) -> Iterator[Fault]:
    """Yield numbers that no statement has: of those that the heading rests on, where the text says which they are."""
    places = {part.heading: part.based_on for part in text.parts}
    for heading, body in text.under_headings() if places else (("", text.body),):
        based_on = [context.statements[each] for each in places.get(heading, text.based_on) if each in context.statements]
        known = {number for statement in based_on for number in _numbers_of(statement, summary.language)}
        for number in sorted(numbers(body, text.language, articles=False) - known, key=float):
            under = f" under {shown(heading)}" if heading else ""
            message = f"the number {number}{under} stands in no statement of based_on"
            yield _fault(text, heading, number, message, "correct it, or add the statement that says so to based_on")


def _numbers_of(statement: Statement, language: str) -> set[str]:
    found = numbers(statement.text, language)
    if "%" in statement.text:  # "3 in 100 people" retells 3%
        found.add("100")
    if statement.window:
        found |= {str(statement.window.from_weeks), str(statement.window.to_weeks)}
    if statement.conflict:
        found |= numbers(statement.conflict.position, language)
    return found


def _above_its_summary(summary: ConditionSummary, text: PatientText) -> Iterator[Fault]:
    if _RANK[text.status] > _RANK[summary.status]:
        message = f"status {shown(text.status)} is above that of its summary, {shown(summary.status)}"
        yield _fault(text, "status", text.status, message, f'status = "{summary.status}"')
