"""The content check: what must be true of the curated summaries before they may enter an edition.

Each rule is a function of a `Context` that yields faults; docs/reference/content-check.md lists the rules by number.
Nothing here reads the clock: the rules about dates run only for a day that the caller names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from icdref.compiler.content import binding, claims, identity, patient, review, sourcing, wording
from icdref.compiler.content.background import Background, inspect_background
from icdref.compiler.content.context import Context, Phrase, Quarantine, SeedClaim
from icdref.compiler.content.digest import approved_digest
from icdref.compiler.content.released import released_versions
from icdref.compiler.content.tree import Tree
from icdref.importers.conditions import ConditionLibrary, inspect_conditions
from icdref.importers.faults import Fault, errors_of

__all__ = [
    "Background",
    "Fault",
    "Phrase",
    "Quarantine",
    "SeedClaim",
    "Tree",
    "approved_digest",
    "check_content",
    "check_directory",
    "errors_of",
    "inspect_background",
]

_RULES: tuple[Callable[[Context], Iterator[Fault]], ...] = (
    identity.doubled_ids,
    identity.statement_prefixes,
    identity.empty_lists,
    identity.vanished_statements,
    wording.plain_sentences,
    sourcing.grades_within_sources,
    sourcing.known_sources,
    claims.seed_links,
    claims.claims_accounted_for,
    claims.answered_conflicts,
    claims.reasons_of_relations,
    binding.existing_codes,
    binding.one_primary_summary,
    binding.leading_relations,
    wording.sound_percentages,
    wording.ordered_windows,
    review.honest_status,
    patient.patient_texts,
    wording.names_of_one_summary,
    wording.quarantined_phrases,
    wording.own_words,
    review.complete_sections,
    sourcing.named_releases,
)


def check_content(
    library: ConditionLibrary,
    tree: Tree,
    *,
    quarantine: Quarantine,
    seed_claims: Sequence[SeedClaim] | None,
    seed_shingles: frozenset[str],
    released_ids: Mapping[str, str],
    as_of: date | None = None,
) -> tuple[Fault, ...]:
    """Return everything that is wrong with the content, rule by rule; only faults of severity error refuse it.

    `seed_claims` None leaves out the rules that need the claim register. `as_of` adds the rules about the calendar.
    """
    context = Context(library, tree, quarantine, seed_claims, seed_shingles, released_ids)
    faults = [fault for rule in _RULES for fault in rule(context)]
    if as_of is not None:
        faults += review.passed_dates(context, as_of)
    return tuple(faults)


def check_directory(directory: Path, tree: Tree, as_of: date | None = None) -> tuple[Fault, ...]:
    """Return everything that is wrong with a content directory; with structural faults, those alone."""
    library, structural = inspect_conditions(directory)
    background, beside = inspect_background(directory)
    if library is None:
        return (*structural, *beside)
    faults = check_content(
        library,
        tree,
        quarantine=background.quarantine,
        seed_claims=background.seed_claims,
        seed_shingles=background.seed_shingles,
        released_ids=background.released_ids,
        as_of=as_of,
    )
    released = released_versions(directory, library, {each.id for each in background.quarantine.statements})
    return (*beside, *faults, *released)
