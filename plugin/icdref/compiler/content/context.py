"""What every rule is given: the content, the release it is bound to, and what is known about the seed pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from icdref.compiler.content.tree import Tree
from icdref.importers.conditions import ConditionLibrary
from icdref.importers.faults import ERROR, Fault
from icdref.model import ConditionSummary, PatientText, Source, Statement

SEED_PREFIX = "seed-"
"""The ids of the pages that the product started from begin so in sources.toml."""

REGISTER = "quarantine/seed-claims.tsv"
"""The register of the claims of these pages, relative to the content directory."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A term or phrase that may appear nowhere, with the reason."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """What is kept but never served: statements of grade X, and terms that may appear nowhere."""

    statements: tuple[Statement, ...] = ()
    phrases: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedClaim:
    """One claim of a seed page in our own words, with our verdict; `sources` are our sources on it."""

    id: str
    seed: str
    section: str
    claim: str
    verdict: str
    accepted: str = ""
    sources: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the content, with the file and place it stands in."""

    file: str
    where: str
    text: str
    language: str


@dataclass(frozen=True)
class Context:
    """Everything that the rules read. `seed_claims` None means that the claim register is not at hand."""

    library: ConditionLibrary
    tree: Tree
    quarantine: Quarantine
    seed_claims: Sequence[SeedClaim] | None
    seed_shingles: frozenset[str]
    released_ids: Mapping[str, str]

    @cached_property
    def active(self) -> tuple[ConditionSummary, ...]:
        """Return the summaries that are not retired."""
        return tuple(summary for summary in self.library.summaries if summary.status != "retired")

    @cached_property
    def summary_ids(self) -> frozenset[str]:
        """Return the ids of all summaries, retired ones too."""
        return frozenset(summary.id for summary in self.library.summaries)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Return the sources by id."""
        return {source.id: source for source in self.library.sources}

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """Return the statements of all summaries by id; a doubled id keeps its first statement."""
        return {statement.id: statement for _, statement in reversed(list(self.pairs()))}

    @cached_property
    def withheld_ids(self) -> frozenset[str]:
        """Return the ids of the statements in quarantine."""
        return frozenset(statement.id for statement in self.quarantine.statements)

    def pairs(self) -> Iterator[tuple[ConditionSummary, Statement]]:
        """Yield each statement with its summary, in the order of the files."""
        for summary in self.library.summaries:
            for statement in summary.statements:
                yield summary, statement


def file_of(summary: ConditionSummary) -> str:
    """Return the file of a summary, relative to the content directory."""
    return f"conditions/{summary.id}.toml"


def patient_file(text: PatientText) -> str:
    """Return the file of a patient text, relative to the content directory."""
    return f"conditions/{text.summary}.patient.{text.language}.md"


def fault(
    summary: ConditionSummary, where: str, value: object, message: str, fix: str, *, rule: int, severity: str = ERROR
) -> Fault:
    """Return a fault in the TOML file of a summary."""
    return Fault(file_of(summary), where, str(value), message, fix, severity, rule)


def texts_of(summary: ConditionSummary) -> Iterator[Text]:
    """Yield every text of a summary that a reader could see, patient texts included."""
    file = file_of(summary)
    for language, title in summary.title.items():
        yield Text(file, f"title.{language}", title, language)
    for number, synonym in enumerate(summary.synonyms, 1):
        yield Text(file, f"synonym[{number}]", synonym.text, synonym.language)
    for statement in summary.statements:
        for where, text in texts_of_statement(statement):
            yield Text(file, where, text, summary.language)
    for staging in summary.stagings:
        texts = (staging.name, staging.applies_to, *(part for each in staging.classes for part in (each.name, each.meaning)))
        for text in texts:
            yield Text(file, f"staging {staging.name}", text, summary.language)
    for retired in summary.retired:
        yield Text(file, f"retired {retired.id}", retired.reason, summary.language)
    for patient in summary.patient_texts:
        yield Text(patient_file(patient), "", patient.body, patient.language)


def texts_of_statement(statement: Statement) -> Iterator[tuple[str, str]]:
    """Yield the texts of one statement with their places: the claim, notes, and the words of a conflict."""
    yield statement.id, statement.text
    if statement.needs:
        yield f"{statement.id} needs", statement.needs
    for link in statement.seeds:
        if link.note:
            yield f"{statement.id} seeds", link.note
    if statement.form:
        for key, text in (("name", statement.form.name), ("cause", statement.form.cause)):
            if text:
                yield f"{statement.id} form.{key}", text
    if statement.conflict:
        conflict = statement.conflict
        for key, text in (("topic", conflict.topic), ("position", conflict.position), ("note", conflict.note)):
            if text:
                yield f"{statement.id} conflict.{key}", text
