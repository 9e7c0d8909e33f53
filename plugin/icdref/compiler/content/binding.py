"""Rules 11 and 12: codes exist, every billable code of M61 has one primary summary, and relations lead somewhere."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from icdref.codes import ICD10CM
from icdref.compiler.content.context import Context, Text, fault, file_of, texts_of
from icdref.importers.faults import Fault, shown
from icdref.model import CodeBinding, ConditionSummary

COVERED = ("M61",)
"""The categories of which every billable code must reach a summary of its own."""

# Only codes with a dot or a trailing hyphen: "T10" may be a vertebra and "C17" a molecule.
_CODE_IN_TEXT = re.compile(r"(?<![\w.])[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4}(?![\w])|(?=\.?-(?!\w)))")


def existing_codes(context: Context) -> Iterator[Fault]:
    """Yield ICD-10-CM codes that the release does not have, in bindings, relations and texts (rule 11)."""
    for summary in context.library.summaries:
        for binding in summary.codes:
            if binding.system == ICD10CM:
                yield from _unknown_code(context, summary, f"code {binding.code}", binding.code)
                yield from _unfit_binding(context, summary, binding)
        for relation in summary.relations:
            for code in relation.codes:
                yield from _unknown_code(context, summary, f"relation {relation.target}", code)
        for statement in summary.statements:
            for code in statement.form.codes if statement.form else ():
                yield from _unknown_code(context, summary, f"{statement.id} form", code)
        for text in texts_of(summary):
            yield from _unknown_codes_in_text(context, text)


def _unknown_code(context: Context, summary: ConditionSummary, where: str, code: str) -> Iterator[Fault]:
    if not context.tree.exists(code):
        bare = code.rstrip("-").rstrip(".")
        fix = f'write "{bare}"' if bare != code and context.tree.exists(bare) else "use a code of the release"
        yield fault(summary, where, code, f"code {shown(code)} does not exist", fix, rule=11)


def _unfit_binding(context: Context, summary: ConditionSummary, binding: CodeBinding) -> Iterator[Fault]:
    where = f"code {binding.code}"
    if not binding.release:
        message = "the binding does not name the release that was read"
        yield fault(summary, where, binding.code, message, "add release, the day the release took effect", rule=20)
    descends = binding.match == "self-and-descendants"
    if descends and context.tree.exists(binding.code) and not context.tree.billable_below(binding.code):
        yield fault(summary, where, binding.code, "no billable code stands at or below it", "bind another code", rule=11)


def _unknown_codes_in_text(context: Context, text: Text) -> Iterator[Fault]:
    for match in _CODE_IN_TEXT.finditer(text.text):
        if not context.tree.exists(match.group()):
            message = f"code {shown(match.group())} in the text does not exist"
            yield Fault(text.file, text.where, match.group(), message, "use a code of the release", rule=11)


def one_primary_summary(context: Context) -> Iterator[Fault]:
    """Yield codes that are the focus of two summaries, and billable codes of M61 that reach none (rule 11)."""
    owners: defaultdict[str, list[str]] = defaultdict(list)
    descending: set[str] = set()
    for summary in context.active:
        for binding in summary.codes:
            if binding.system == ICD10CM and binding.role == "focus":
                owners[binding.code].append(file_of(summary))
                descending |= {binding.code} if binding.match == "self-and-descendants" else set()
    for code, files in owners.items():
        for file in files[1:]:
            message = f"code {code} is already the focus of {files[0]}"
            yield Fault(file, f"code {code}", code, message, 'role = "context" in one of the two', rule=11)
    for category in COVERED:
        if any(code == category or category in context.tree.ancestors(code) for code in owners if context.tree.exists(code)):
            yield from _uncovered(context, category, owners.keys(), descending)


def _uncovered(context: Context, category: str, bound: Iterable[str], descending: set[str]) -> Iterator[Fault]:
    own = set(bound)
    gaps: defaultdict[str, list[str]] = defaultdict(list)
    for code in context.tree.billable_codes_of(category):
        if code not in own and not any(above in descending for above in (code, *context.tree.ancestors(code))):
            gaps[code[:5]].append(code)
    for stem, codes in gaps.items():
        named = ", ".join(codes[:3]) + (f" and {len(codes) - 3} more" if len(codes) > 3 else "")
        message = f"{named}: no summary has them as its focus"
        fix = f"bind {stem} or a code above it, with descendants, in one summary"
        yield Fault("conditions", f"code {stem}", stem, message, fix, rule=11)


def leading_relations(context: Context) -> Iterator[Fault]:
    """Yield relations whose target is no summary and which name no code either, or which lead back to themselves (rule 12)."""
    for summary in context.library.summaries:
        for relation in summary.relations:
            where = f"relation {relation.target}"
            if relation.target == summary.id:
                yield fault(summary, where, relation.target, "leads to the summary itself", "take it out", rule=12)
            elif relation.target not in context.summary_ids and not relation.codes:
                message = f"target {shown(relation.target)} is no summary, and codes is empty"
                yield fault(summary, where, relation.target, message, "correct the target, or name the codes to link", rule=12)
            elif relation.target not in context.summary_ids:
                yield from _misspelt_target(context, summary, relation.target)


def _misspelt_target(context: Context, summary: ConditionSummary, target: str) -> Iterator[Fault]:
    near = difflib.get_close_matches(target, context.summary_ids, 1, cutoff=0.9)
    if near:
        message = f"target {shown(target)} is no summary"
        yield fault(summary, f"relation {target}", target, message, f'target = "{near[0]}"', rule=12)
