"""Rules 9 and 10: every claim of the seed pages is accounted for, and both sides of a disagreement answer each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from icdref.compiler.content.context import REGISTER, SEED_PREFIX, Context, SeedClaim, fault
from icdref.importers.faults import INFORMATION, Fault, shown
from icdref.model import ConditionSummary, Conflict, SeedLink, Statement

VERDICTS = ("sound", "doubtful", "outdated", "wrong", "wrong-unsafe")


def seed_links(context: Context) -> Iterator[Fault]:
    """Yield links to seed pages without the note or the claims that they need (rule 9)."""
    claims = None if context.seed_claims is None else {claim.id: claim for claim in context.seed_claims}
    for summary, statement in context.pairs():
        for link in statement.seeds:
            yield from _unfit_link(summary, statement, link)
            if claims is not None:
                yield from _unfit_claims(summary, statement, link, claims)


def _unfit_link(summary: ConditionSummary, statement: Statement, link: SeedLink) -> Iterator[Fault]:
    where = f"{statement.id} seeds"
    if not link.id.startswith(SEED_PREFIX):
        yield fault(summary, where, link.id, f"{shown(link.id)} is not a seed page", "move it to sources", rule=9)
    if link.relation == "conflicts" and not link.note:
        message = f"conflicts with {link.id} without a note"
        yield fault(summary, where, link.id, message, "add note: what the page says differently", rule=9)
    if not link.claims:
        yield fault(summary, where, link.id, f"names no claim of {link.id}", "add claims", rule=9)


def _unfit_claims(
    summary: ConditionSummary, statement: Statement, link: SeedLink, claims: dict[str, SeedClaim]
) -> Iterator[Fault]:
    where = f"{statement.id} seeds"
    for identifier in link.claims:
        claim = claims.get(identifier)
        if claim is None or claim.seed != link.id:
            message = f"claim {shown(identifier)} is not a claim of {link.id}"
            yield fault(summary, where, identifier, message, f"use an id of {REGISTER}", rule=9)
        elif link.relation != "conflicts" and claim.verdict.startswith("wrong") and not link.note:
            message = f"{link.relation} with claim {identifier}, which is judged {shown(claim.verdict)}"
            yield fault(summary, where, identifier, message, 'relation = "conflicts", or note which part is right', rule=9)


def claims_accounted_for(context: Context) -> Iterator[Fault]:
    """Yield sound claims that no statement takes up, and report the others as withheld (rule 9)."""
    if context.seed_claims is None:
        return
    linking = _linking(context)
    seen: set[str] = set()
    for claim in context.seed_claims:
        if claim.id in seen:
            yield Fault(REGISTER, claim.id, claim.id, "is in the register twice", "keep one of them", rule=9)
        seen.add(claim.id)
        yield from _unaccounted(claim, linked=claim.id in linking)
        yield from _wrong_answers(context, claim, linking[claim.id])


def _linking(context: Context) -> defaultdict[str, set[str]]:
    """Return the served statements that link each claim."""
    linking: defaultdict[str, set[str]] = defaultdict(set)
    for _, statement in context.pairs():
        for link in statement.seeds:
            for claim in link.claims:
                linking[claim].add(statement.id)
    return linking


def _unaccounted(claim: SeedClaim, *, linked: bool) -> Iterator[Fault]:
    if claim.verdict not in VERDICTS:
        message = f"verdict {shown(claim.verdict)} is not in the vocabulary"
        yield Fault(REGISTER, claim.id, claim.verdict, message, f"use one of {', '.join(VERDICTS)}", rule=4)
    elif not linked and claim.verdict == "sound":
        message = f"is judged sound, but no statement links it ({shown(claim.claim)})"
        yield Fault(REGISTER, claim.id, claim.id, message, "add it under seeds of the statement that says so", rule=9)
    elif not linked:
        message = f"is withheld: judged {shown(claim.verdict)} and linked by no served statement"
        yield Fault(REGISTER, claim.id, claim.id, message, "nothing, if that is meant", INFORMATION, 9)


def _wrong_answers(context: Context, claim: SeedClaim, linking: set[str]) -> Iterator[Fault]:
    """Yield where the register's `answered_by` and the statements' own links tell different stories."""
    for answer in claim.answered_by:
        if answer not in context.statements and answer not in context.withheld_ids:
            message = f"is answered by {shown(answer)}, which does not exist"
            yield Fault(REGISTER, claim.id, answer, message, "name an existing statement", rule=9)
        elif answer not in linking and answer not in context.withheld_ids:
            message = f"is answered by {shown(answer)}, which does not link it"
            yield Fault(REGISTER, claim.id, answer, message, f"add the claim under seeds of {answer}", rule=9)
    for answer in sorted(linking - set(claim.answered_by)) if claim.answered_by else ():
        message = f"is linked by {shown(answer)}, which answered_by leaves out"
        yield Fault(REGISTER, claim.id, answer, message, f"add {answer} to answered_by", rule=9)


def answered_conflicts(context: Context) -> Iterator[Fault]:
    """Yield conflicts whose other side is missing, withheld or does not answer (rule 10)."""
    for summary, statement in context.pairs():
        conflict = statement.conflict
        if conflict is None:
            continue
        where = f"{statement.id} conflict"
        if not conflict.other and not conflict.note:
            message = "names neither another statement nor the other position"
            yield fault(summary, where, conflict.topic, message, "fill other, or describe the other position in note", rule=10)
        for identifier in conflict.other:
            reason = _missing(context, identifier)
            if reason:
                yield fault(summary, where, identifier, f"other {shown(identifier)} {reason}", "name a served statement", rule=10)
            elif identifier == statement.id:
                yield fault(summary, where, identifier, "names itself as the other side", "name the other statement", rule=10)
            else:
                yield from _silent_side(summary, statement.id, conflict, context.statements[identifier])


def _silent_side(summary: ConditionSummary, identifier: str, conflict: Conflict, other: Statement) -> Iterator[Fault]:
    where = f"{identifier} conflict"
    if other.conflict is None or identifier not in other.conflict.other:
        message = f"other side {other.id} does not answer"
        yield fault(summary, where, other.id, message, f'add "{identifier}" to conflict.other of {other.id}', rule=10)
    elif other.conflict.topic != conflict.topic:
        message = f"topic {shown(conflict.topic)} is {shown(other.conflict.topic)} in {other.id}"
        yield fault(summary, where, conflict.topic, message, "use the same words on both sides", rule=10)


def _missing(context: Context, identifier: str) -> str:
    """Return why a statement cannot be pointed at, '' where it can."""
    if identifier in context.withheld_ids:
        return "is withheld (grade X)"
    return "" if identifier in context.statements else "does not exist"


def reasons_of_relations(context: Context) -> Iterator[Fault]:
    """Yield relations whose reason is not a served statement (rule 10)."""
    for summary in context.library.summaries:
        for relation in summary.relations:
            reason = _missing(context, relation.why) if relation.why else ""
            if reason:
                message = f"why {shown(relation.why)} {reason}"
                yield fault(
                    summary, f"relation {relation.target}", relation.why, message, "name the statement that says why", rule=10
                )
