"""Rules 1, 2, 3 and 5: every id stands for one thing, for ever."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from icdref.compiler.content.context import Context, fault, file_of
from icdref.importers.faults import Fault, shown


def doubled_ids(context: Context) -> Iterator[Fault]:
    """Yield ids that stand for two statements or two sources, and codes that one summary binds twice (rule 1)."""
    owner: dict[str, str] = {}
    for summary, statement in context.pairs():
        first = owner.setdefault(statement.id, file_of(summary))
        if statement is not context.statements[statement.id]:
            message = f"statement id {shown(statement.id)} is used twice, first in {first}"
            yield fault(summary, statement.id, statement.id, message, "give the new statement the next free number", rule=1)
    for identifier, uses in Counter(source.id for source in context.library.sources).items():
        if uses > 1:
            message = f"source id {shown(identifier)} is used {uses} times"
            yield Fault("sources.toml", identifier, identifier, message, "give each source an id of its own", rule=1)
    yield from _doubled_bindings(context)


def _doubled_bindings(context: Context) -> Iterator[Fault]:
    for summary in context.library.summaries:
        bound = Counter((binding.system, binding.code) for binding in summary.codes)
        for (system, code), uses in bound.items():
            if uses > 1:
                yield fault(summary, "code", code, f"{code} of {system} is bound {uses} times", "keep one of them", rule=1)


def statement_prefixes(context: Context) -> Iterator[Fault]:
    """Yield statements whose id does not begin as the others of the file, and prefixes that two files share (rule 2)."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for summary in context.library.summaries:
        prefixes = Counter(statement.id.partition(".")[0] for statement in summary.statements)
        if not prefixes:
            continue
        usual = prefixes.most_common(1)[0][0]
        files[usual].append(file_of(summary))
        for statement in summary.statements:
            prefix, _, rest = statement.id.partition(".")
            if prefix != usual:
                message = f"statement id {shown(statement.id)} does not begin with the prefix of its file, {shown(usual)}"
                yield fault(summary, statement.id, statement.id, message, f'id = "{usual}.{rest}"', rule=2)
    for prefix, sharing in files.items():
        for file in sharing[1:]:
            message = f"prefix {shown(prefix)} is already that of {sharing[0]}"
            yield Fault(file, "statement", prefix, message, "use another prefix for the statements of this file", rule=2)


def empty_lists(context: Context) -> Iterator[Fault]:
    """Yield statements and stagings without a source, and summaries without names, codes or authors (rule 3)."""
    for summary, statement in context.pairs():
        if not statement.sources:
            fix = "name a source, or move the statement to quarantine/ with grade X and needs"
            yield fault(summary, statement.id, "[]", "sources is empty", fix, rule=3)
    for summary in context.library.summaries:
        for staging in summary.stagings:
            if not staging.sources or not staging.classes:
                yield fault(
                    summary, f"staging {staging.name}", "[]", "sources or classes is empty", "fill both or leave it out", rule=3
                )
        for key, rows in (("synonym", summary.synonyms), ("code", summary.codes), ("review.authors", summary.review.authors)):
            if not rows:
                yield fault(summary, key, "[]", f"{key} is empty", f"add at least one {key}", rule=3)
    for statement in context.quarantine.statements:
        if not statement.needs:
            message = "a withheld statement does not say what it needs"
            yield Fault("quarantine", statement.id, "", message, "add needs", rule=3)


def vanished_statements(context: Context) -> Iterator[Fault]:
    """Yield released statement ids that are gone, and retired ids that are used again (rule 5)."""
    retired = {each.id for summary in context.library.summaries for each in summary.retired}
    home = {statement.id.partition(".")[0]: file_of(summary) for summary, statement in context.pairs()}
    for identifier, version in sorted(context.released_ids.items()):
        if identifier not in context.statements and identifier not in retired and identifier not in context.withheld_ids:
            file = home.get(identifier.partition(".")[0], "released-statements.tsv")
            message = f"statement {shown(identifier)}, released in {version}, is gone"
            fix = f'bring it back, or add [[retired]] with id = "{identifier}" and the reason'
            yield Fault(file, identifier, identifier, message, fix, rule=5)
    for summary, statement in context.pairs():
        if statement.id in retired or statement.id in context.withheld_ids:
            state = "retired" if statement.id in retired else "in quarantine"
            message = f"statement id {shown(statement.id)} is {state} and used again"
            yield fault(summary, statement.id, statement.id, message, "give the statement the next free number", rule=5)
