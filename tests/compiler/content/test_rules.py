"""One-line faults in a sound directory: each is caught, by the right rule, and named with place, value and fix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.compiler.content.good import BRUISE, Directory, SmallTree

BRU = "conditions/bruise-bone.toml"
MUS = "conditions/muscle-bone.toml"
EN = "conditions/bruise-bone.patient.en.md"
ES = "conditions/bruise-bone.patient.es.md"
SRC = "sources.toml"
QUA = "quarantine/withheld.toml"
REG = "quarantine/seed-claims.tsv"
REL = "released-statements.tsv"


@dataclass(frozen=True)
class Case:
    """Replace `old` by `new` in `file`: rule `rule` must say `says` about `where`, and offer `fix`."""

    rule: int
    file: str
    old: str
    new: str
    where: str
    says: str
    fix: str = ""
    reported_in: str = ""
    severity: str = "error"


CASES = (
    # 1: parses, no unknown key, no doubled id
    Case(1, BRU, 'version = "0.1.0"', "version = ", "", "is not valid TOML", "correct the place"),
    Case(1, BRU, 'kind = "lay"', 'knid = "lay"', "synonym[1]", 'unknown key "knid"', 'rename it to "kind"'),
    Case(1, BRU, "window = { from", "window = { start = 1, from", "bru.img.1 window", 'unknown key "start"', "known keys"),
    Case(1, BRU, 'id = "bru.tx.1"', 'id = "bru.def.1"', "bru.def.1", 'id "bru.def.1" is used twice', "next free number"),
    Case(1, SRC, 'id = "case2019"', 'id = "review2020"', "review2020", "used 2 times", "of its own"),
    Case(1, BRU, 'code = "728.12"', 'code = "728.12"\nmatch = "self"', "", "is not valid TOML"),
    Case(1, MUS, 'code = "M61.9"', 'code = "M61"', "code", "M61 of http", "keep one"),
    Case(1, BRU, '["trial2021", "review2020"]', '["trial2021", "trial2021"]', "bru.tx.1 sources", "twice", "keep one"),
    # 2: id equals the file name, one prefix per file
    Case(2, BRU, 'id = "bruise-bone"', 'id = "bruise-bones"', "id", 'id "bruise-bones" is not', 'id = "bruise-bone"'),
    Case(2, BRU, 'id = "bru.cause.1"', 'id = "mot.cause.1"', "mot.cause.1", 'the prefix of its file, "bru"', 'id = "bru.cause.1"'),
    # 3: required keys, sources included
    Case(3, BRU, 'grade = "D"\n', "", "bru.never.1", 'key "grade" is missing', "add grade"),
    Case(3, BRU, 'sources = ["tabular"]\n', "", "bru.code.1", 'key "sources" is missing', "add sources"),
    Case(3, BRU, 'sources = ["tabular"]', "sources = []", "bru.code.1", "sources is empty", "name a source"),
    Case(3, BRU, 'text = "CC-BY-4.0"', "", "licence", 'key "text" is missing'),
    Case(3, BRU, 'code = "728.12"', "code = 728.12", "code[2] code", "code is a number (728.12), not a text"),
    Case(3, BRU, "from_weeks = 0", "from_weeks = true", "bru.img.1 window from_weeks", "truth value"),
    Case(3, BRU, "expires = 2028-11-22", "expires = 2028-11-22T00:00:00", "review expires", "not a date"),
    Case(3, BRU, 'en = "Bone after a bruise"\n', "", "title", 'in the language of the summary, "en"', "add title.en"),
    Case(3, QUA, 'needs = "a source"', "", "bru.tx.90", "does not say what it needs", "add needs", "quarantine"),
    # 4: vocabularies
    Case(4, BRU, '"never-do"', '"never-done"', "bru.never.1 section", 'section "never-done" is not', 'write "never-do"'),
    Case(4, BRU, 'grade = "B"', 'grade = "E"', "bru.red.1 grade", 'grade "E" is not', "use one of A, B, C, D"),
    Case(4, BRU, 'grade = "B"', 'grade = "X"', "bru.red.1 grade", 'grade "X" is not', "quarantine/"),
    Case(4, BRU, 'kind = "is-variant-of"', 'kind = "variant"', "relation[2] kind", "is not in the vocabulary", "is-variant-of"),
    Case(4, BRU, 'status = "draft"', 'status = "final"', "status", 'status "final" is not', "draft, in-review"),
    Case(4, BRU, "uses = []", 'uses = ["age"]', "dsi uses", 'uses "age" is not'),
    Case(4, BRU, 'relation = "agrees"', 'relation = "agree"', "bru.def.1 seeds[1] relation", "agree", 'write "agrees"'),
    Case(4, SRC, 'type = "trial"', 'type = "trail"', "trial2021 type", 'type "trail" is not', 'write "trial"'),
    Case(4, REG, "doubtful", "dubious", "0.02", 'verdict "dubious" is not', "sound, doubtful"),
    Case(4, BRU, 'id = "bru.tx.1"', 'id = "bru-tx-1"', "bru-tx-1 id", "does not have the right form", "mot.tx.1"),
    # 5: a released id may be retired, never vanish
    Case(5, REL, "bru.def.1", "bru.def.2", "bru.def.2", 'statement "bru.def.2", released in 0.1.0, is gone', "[[retired]]", BRU),
    Case(5, REL, "bru.def.1", "xyz.def.2", "xyz.def.2", "is gone", 'id = "xyz.def.2"', REL),
    Case(5, REL, "bru.tx.90", "bru.def.1", "bru.def.1", "stands twice"),
    Case(5, BRU, "[[staging]]", '[[retired]]\nid = "bru.tx.1"\nreason = "wrong"\n[[staging]]', "bru.tx.1", "is retired and used again"),
    Case(5, QUA, 'id = "bru.tx.90"', 'id = "bru.tx.1"', "bru.tx.1", "in quarantine and used again", "next free", BRU),
    # 6: one line, at most 40 words, full stop, no markup
    Case(6, BRU, "Do not knead the lump.", "Do not knead the lump", "bru.never.1", 'ends in "ead the lump"', "full stop"),
    Case(6, BRU, "Do not knead the lump.", "Do not " + "knead " * 39 + ".", "bru.never.1", "text has 42 words", "two claims"),
    Case(6, BRU, "Do not knead", "Do **not** knead", "bru.never.1", 'text holds markup, "**"', "plain words"),
    Case(6, BRU, "wants it kneaded", "wants <b>it", "bru.never.1 seeds", 'markup, "<b"', "plain words"),
    Case(6, BRU, "Do not knead", "Do not\\nknead", "bru.never.1 text", "invisible character U+000A", "one line"),
    Case(6, BRU, "Do not knead", "Do\u200bnot knead", "bru.never.1 text", "invisible character U+200B"),
    Case(6, BRU, "Do not knead", "Do\u0301 not knead", "bru.never.1 text", "loose accents", "form C"),
    Case(6, BRU, '"bruise bone"', '" bruise bone"', "synonym[1] text", "blanks at its ends"),
    # 7: grade within the best source's ceiling
    Case(7, BRU, 'grade = "B"', 'grade = "A"', "bru.red.1", 'grade "A" but best source review2020 supports "B"', "add an A source"),
    Case(7, BRU, 'sources = ["trial2021", "review2020"]', 'sources = ["case2019"]', "bru.tx.1", "best source case2019", 'grade = "D"'),
    Case(7, BRU, '["case2019", "seed-000"]', '["case2019", "seed-001"]', "bru.never.1", "seed-001 is quarantined", "under seeds"),
    Case(7, SRC, 'type = "trial"\nread = "full"', 'type = "trial"\nread = "excerpt"', "bru.tx.1", 'supports "B"', reported_in=BRU),
    Case(7, SRC, 'review"\nread = "abstract"', 'review"\nread = "metadata"', "bru.red.1", "only metadata", "read the", BRU),
    Case(7, SRC, 'ceiling = "D"', 'ceiling = "A"', "seed-000", 'ceiling "A" is above', "only lowers"),
    Case(7, SRC, 'case-report"', 'case-report"\nceiling = "X"', "bru.epi.1", "case2019 is quarantined", reported_in=BRU),
    # 8: sources exist and can be found again
    Case(8, BRU, '["tabular"]', '["tabula"]', "bru.code.1", 'source "tabula" is not in sources.toml', "correct the id"),
    Case(8, BRU, 'id = "seed-000", rel', 'id = "seed-009", rel', "bru.def.1 seeds", '"seed-009" is not in', "correct the id"),
    Case(8, SRC, '"10.1000/lumps.2020"', '"https://doi.org/10.1000/x"', "review2020", "doi", "without an address"),
    Case(8, SRC, 'pmid = "1234567"', 'pmid = "PMID 12"', "trial2021", "pmid", "number only"),
    Case(8, SRC, 'pmid = "1234567"', 'pmcid = "1234567"', "trial2021", "pmcid", "PMC10688266"),
    Case(8, SRC, "retrieved = 2026-11-01\n", "", "case2019", "only a web address", "add retrieved"),
    Case(8, SRC, 'pmid = "1234567"\n', "", "trial2021", "no doi, pmid", "in needs"),
    # 9: links to seed pages
    Case(9, BRU, ', note = "wants it kneaded"', "", "bru.never.1 seeds", "conflicts with seed-001 without a note", "add note"),
    Case(9, BRU, 'claims = ["0.01"]', 'claims = ["0.09"]', "bru.def.1 seeds", 'claim "0.09" is not a claim of seed-000', REG),
    Case(9, BRU, 'claims = ["1.01"]', 'claims = ["0.02"]', "bru.never.1 seeds", 'claim "0.02" is not a claim of seed-001', REG),
    Case(9, BRU, 'claims = ["0.01"]', "claims = []", "bru.def.1 seeds", "names no claim", "add claims"),
    Case(9, BRU, 'relation = "conflicts", claims = ["1.01"], note = "wants it kneaded"', 'relation = "agrees", claims = ["1.01"]',
         "bru.never.1 seeds", 'agrees with claim 1.01, which is judged "wrong-unsafe"', "conflicts"),
    Case(9, REG, "doubtful", "sound", "0.02", "is judged sound, but no statement links it", "under seeds"),
    Case(9, REG, "0.02", "0.01", "0.01", "in the register twice", "keep one"),
    Case(9, BRU, '{ id = "seed-000", rel', '{ id = "review2020", rel', "bru.def.1 seeds", '"review2020" is not a seed page', "sources"),
    # 10: both sides of a conflict answer
    Case(10, BRU, 'other = ["mus.tx.1"]', 'other = ["mus.tx.9"]', "bru.tx.1 conflict", 'other "mus.tx.9" does not exist', "name a"),
    Case(10, BRU, 'other = ["mus.tx.1"]', 'other = ["bru.tx.90"]', "bru.tx.1 conflict", "is withheld (grade X)", "served"),
    Case(10, MUS, 'other = ["bru.tx.1"]', 'other = ["bru.def.1"]', "bru.tx.1 conflict", "mus.tx.1 does not answer", "add", BRU),
    Case(10, MUS, "length of rest", "duration of rest", "bru.tx.1 conflict", '"duration of rest" in mus.tx.1', "same words", BRU),
    Case(10, BRU, 'other = ["mus.tx.1"]', "other = []", "bru.tx.1 conflict", "neither another statement nor", "in note"),
    Case(10, BRU, 'other = ["mus.tx.1"]', 'other = ["bru.tx.1"]', "bru.tx.1 conflict", "names itself"),
    Case(10, BRU, 'why = "bru.red.1"', 'why = "bru.red.2"', "relation soft-tissue-sarcoma", '"bru.red.2" does not exist', "name the"),
    Case(10, BRU, 'why = "bru.red.1"', 'why = "bru.tx.90"', "relation soft-tissue-sarcoma", "is withheld"),
    # 11: codes exist; one primary summary per billable code
    Case(11, BRU, '["C49"]', '["C49.-"]', "relation soft-tissue-sarcoma", 'code "C49.-" does not exist', 'write "C49"'),
    Case(11, BRU, '["C49"]', '["C99"]', "relation soft-tissue-sarcoma", 'code "C99" does not exist', "use a code"),
    Case(11, BRU, "then M61.0- is", "then M61.8- is", "bru.cause.1", 'code "M61.8" in the text does not exist'),
    Case(11, BRU, 'code = "M61.0"', 'code = "M61.08"', "code M61.08", 'code "M61.08" does not exist'),
    Case(11, BRU, 'code = "M61.0"', 'code = "M61.01"', "code M61.0", "M61.00: no summary", "bind M61.0 ", "conditions"),
    Case(11, BRU, 'code = "M61.0"', 'code = "M61.9"', "code M61.9", "already the focus of conditions/bruise", "context", MUS),
    Case(11, BRU, '"self-and-descendants"\nrole = "focus"', '"self"\nrole = "focus"', "code M61.0", "M61.00, M61.011", "", "conditions"),
    Case(11, MUS, 'code = "M61.9"\nmatch = "self"', 'code = "D21"\nmatch = "self-and-descendants"', "code D21", "no billable code"),
    # 12: relations lead somewhere
    Case(12, BRU, 'target = "muscle-bone"', 'target = "muscle-bones"', "relation muscle-bones", "is no summary, and codes is", "correct"),
    Case(12, BRU, 'target = "muscle-bone"', 'target = "bruise-bone"', "relation bruise-bone", "leads to the summary itself"),
    Case(12, BRU, 'target = "soft-tissue-sarcoma"', 'target = "muscel-bone"', "relation muscel-bone", "is no summary", '"muscle-bone"'),
    # 13: percentages follow from their numbers
    Case(13, BRU, "(94%)", "(49%)", "bru.epi.1", '"30 of 32 runners (49%" does not follow: it would be 94%', "correct the"),
    Case(13, BRU, "30 of 32 runners (94%)", "94% (30 of 23)", "bru.epi.1", "it would be 130%"),
    Case(13, BRU, "30 of 32 runners (94%)", "98 of 2,979 (3.5%)", "bru.epi.1", "it would be 3.3%"),
    # 14: windows
    Case(14, BRU, "from_weeks = 0", "from_weeks = 4", "bru.img.1 window", "from week 4 to week 3", "from_weeks <= to_weeks"),
    Case(14, BRU, "from_weeks = 0", "from_weeks = -1", "bru.img.1 window", "from week -1"),
    # 15: honest review state
    Case(15, BRU, "reviewers = []", 'reviewers = [{ name = "Ana Lima", role = "surgeon" }]', "review.reviewers", "is a draft and has"),
    Case(15, BRU, "reviewers = []", "reviewers = []\nlast_reviewed = 2026-11-22", "review.last_reviewed", "draft and has last_rev"),
    Case(15, BRU, 'status = "draft"', 'status = "in-review"', "review.reviewers", "in review without a reviewer", "draft"),
    Case(15, BRU, "expires = 2028-11-22\n", "", "review.expires", "has no expires", "add expires"),
    Case(15, BRU, "expires = 2028-11-22", "expires = 2026-11-23", "expires", "is before next_check_due", "correct one"),
    Case(15, BRU, 'status = "draft"', 'status = "retired"', "replaced_by", "is no summary in use", "took its place"),
    # 16: patient texts
    Case(16, EN, "six weeks", "seven weeks", "", "the number 7 stands in no statement", "based_on"),
    Case(16, EN, "three weeks", "3.5 weeks", "", "the number 3.5 stands in no"),
    Case(16, EN, '"bru.tx.1"', '"bru.tx.90"', "based_on", "is withheld (grade X)", "take it out"),
    Case(16, EN, '"bru.img.1", "bru.tx.1"', '"bru.img.1", "bru.tx.9"', "based_on", '"bru.tx.9", which does not exist'),
    Case(16, EN, 'based_on = ["bru.def.1", "bru.img.1", "bru.tx.1"]', "based_on = []", "based_on", "rests on no statement"),
    Case(16, EN, "Bone has grown in your", "Ossification is progressively incorporating extraordinarily vascularised", "",
         "is above the target, 7", "shorten"),
    Case(16, EN, "target_grade = 7", "target_grade = 12", "target_grade", "12 is not between 1 and 8", "target_grade = 7"),
    Case(16, EN, 'status = "draft"', 'status = "approved"', "status", "above that of its summary", 'status = "draft"'),
    Case(16, EN, 'language = "en"', 'language = "es"', "language", "is not that of the file name", 'language = "en"'),
    Case(16, EN, 'summary = "bruise-bone"', 'summary = "muscle-bone"', "summary", "is not that of the file name"),
    Case(16, EN, "Bone has grown", "<b>Bone</b> has grown", "line 10", "holds raw HTML", "in words"),
    Case(16, EN, "https://example.org", "http://example.org", "line 15", "which is not https", "https"),
    Case(16, ES, "seis semanas", "dos semanas", "", "the number 2 stands in no"),
    Case(16, ES, "Descanse", "Recomendaríamos inmovilización inmediata, particularmente considerando rehabilitación individualizada,", "",
         "measured reading grade"),
    # 17: names and quarantined phrases
    Case(17, BRU, 'kind = "related"', 'kind = "clinical"', "synonym[1]", 'the name "muscle bone" is already', "related", MUS),
    Case(17, MUS, 'en = "Bone in muscle"', 'en = "Bruise-bone"', "title.en", 'the name "bruise bone" is already that of', "another name"),
    Case(17, BRU, 'text = "muscle bone"', 'text = "Bruise Bone"', "synonym[2]", "stands twice", "keep one"),
    Case(17, BRU, '"bruise bone"', '"Muscle-Angiogenesis of old"', "synonym[1]", 'quarantined "muscle angiogenesis"', "take it out"),
    Case(17, EN, "Bone has grown", "Muscle angiogenesis has grown", "", "(a false synonym)"),
    # 18: no run of eight words of a seed page
    Case(18, BRU, "Do not knead the lump.", "Lumps of this kind always melt away when lit.", "bru.never.1",
         '"lumps of this kind always melt away when"', "other words"),
    Case(18, REG, "Melts under the moon", "once said that lumps of this kind always", "0.02", "stand in a seed page"),
    # 19: required sections
    Case(19, BRU, 'section = "never-do"', 'section = "treatment"', "never-do", "no statement in never-do", "add a statement"),
    Case(19, BRU, '"forms", ', '"cause", "forms", ', "sections_without_source", "cause has statements and is listed", "take cause out"),
    Case(19, BRU, '"forms", ', "", "sections_without_source", "a word on it: forms", "list them", severity="warning"),
    # 20: releases are named
    Case(20, SRC, "The tabular list, FY2026.", "The tabular list.", "tabular", "names no release", "fiscal year"),
    Case(20, BRU, 'release = "2026-04-01"\n', "", "code M61.0", "does not name the release", "add release"),
)  # fmt: skip


def test_the_directory_is_sound(content: Directory) -> None:
    assert [str(fault) for fault in content.faults() if fault.severity != "information"] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.says[:40]}")
def test_a_one_line_fault_is_named(content: Directory, case: Case) -> None:
    content.edit(case.file, case.old, case.new)
    faults = [fault for fault in content.faults() if fault.severity != "information"]
    named = [fault for fault in faults if fault.rule == case.rule and case.says in fault.message and fault.where == case.where]
    assert named, "\n".join(f"rule {fault.rule} {fault}" for fault in faults)
    fault = named[0]
    assert case.fix in fault.fix
    assert fault.file == (case.reported_in or case.file)
    assert fault.severity == case.severity
    assert str(fault).startswith(fault.file)


def test_a_fault_says_file_statement_value_and_fix_in_one_line(content: Directory) -> None:
    content.edit(BRU, 'grade = "B"', 'grade = "A"')
    (fault,) = (fault for fault in content.faults() if fault.severity == "error")
    right = 'grade "A" but best source review2020 supports "B"; fix: grade = "B" or add an A source'
    assert str(fault) == f"{BRU} bru.red.1: {right}"
    assert fault.value == "A"


def test_two_files_may_not_share_a_prefix(content: Directory) -> None:
    text = (content.path / MUS).read_text("utf-8").replace("mus.", "bru.").replace('other = ["bru.tx.1"]', 'other = ["bru.tx.2"]')
    content.write(MUS, text)
    assert any(fault.rule == 2 and "already that of" in fault.message and fault.file == MUS for fault in content.faults())


def test_a_statement_on_a_seed_alone_is_graded_d(content: Directory) -> None:
    content.edit(BRU, '["case2019", "seed-000"]', '["seed-000"]')
    assert not [fault for fault in content.faults() if fault.severity == "error"]
    content.edit(BRU, 'lump."\ngrade = "D"', 'lump."\ngrade = "C"').edit(SRC, 'type = "secondary-web"', 'type = "review"')
    content.edit(SRC, 'ceiling = "D"\n', "")
    assert next(fault.message for fault in content.faults()) == 'grade "C" but best source seed-000 supports "D"'


def test_an_unused_source_is_a_warning(content: Directory) -> None:
    content.edit(
        SRC,
        'id = "tabular"',
        'id = "spare"\ncitation = "Spare."\ntype = "review"\nread = "full"\nneeds = "DOI"\n[[source]]\nid = "tabular"',
    )
    (fault,) = (fault for fault in content.faults() if fault.where == "spare")
    assert (fault.rule, fault.severity) == (8, "warning")


def test_claims_that_nobody_takes_up_are_reported_as_withheld(content: Directory) -> None:
    (fault,) = (fault for fault in content.faults() if fault.severity == "information")
    assert (fault.where, fault.rule) == ("0.02", 9)
    assert "is withheld" in fault.message


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ("bru.def.1", ""),
        ("bru.def.1,bru.def.9", 'is answered by "bru.def.9", which does not exist'),
        ("bru.def.1,bru.red.1", 'is answered by "bru.red.1", which does not link it'),
        ("bru.tx.90", 'is linked by "bru.def.1", which answered_by leaves out'),
        ("-", ""),
    ],
)
def test_the_register_and_the_links_tell_one_story(content: Directory, answers: str, says: str) -> None:
    head, first, *rest = (content.path / REG).read_text("utf-8").split("\n")
    rows = (f"{head}\tanswered_by", f"{first}\t{answers}", *(f"{row}\t-" for row in rest))
    content.write(REG, "\n".join(rows))
    errors = [fault for fault in content.faults() if fault.severity == "error"]
    assert [(fault.file, fault.where, fault.rule, fault.message) for fault in errors] == (
        [(REG, "0.01", 9, says)] if says else []
    )


@pytest.mark.parametrize(
    ("name", "content_text", "says"),
    [
        (REG, "id\tseed\n1.01\tseed-001\n", "has no column section, claim, verdict"),
        (REG, "id\tseed\tsection\tclaim\tverdict\n1.01\tseed-001\n", "too few or too many columns"),
        (REG, "id\tseed\tsection\tclaim\tverdict\nX\tseed-001\ta\tb\twrong\n", '"X" is no claim id'),
        (REL, "id\n", "has no column version"),
        (REL, "id\tversion\nbru\t0.1.0\n", '"bru" is no statement id'),
        ("quarantine/seed-shingles.txt", "xyz\n", "is not a hash"),
        (QUA, 'schema = "quarantine/1"\n[[phrase]]\ntext = "x"\n', 'required key "reason" is missing'),
        (QUA, 'schema = "quarantine/2"\n', 'schema "quarantine/2" is not'),
    ],
)
def test_a_damaged_file_beside_the_summaries_is_named(content: Directory, name: str, content_text: str, says: str) -> None:
    content.write(name, content_text)
    assert any(says in fault.message and fault.file == name for fault in content.faults())


def test_without_a_quarantine_the_rules_that_need_it_are_left_out(content: Directory) -> None:
    for file in (content.path / "quarantine").iterdir():
        file.unlink()
    (content.path / "quarantine").rmdir()
    content.edit(REL, "bru.tx.90\t0.1.0\n", "")
    assert [(fault.file, fault.severity) for fault in content.faults()] == [("quarantine", "information")]


def test_a_relation_to_codes_alone_is_enough(content: Directory) -> None:
    content.edit(BRU, 'target = "muscle-bone"', 'target = "something-else"\ncodes = ["C49"]')
    assert not [fault for fault in content.faults() if fault.severity == "error"]


def test_one_in_a_hundred_retells_a_percentage(content: Directory) -> None:
    content.edit(EN, "Rest for six weeks.", "94 in 100 had it.")
    assert {fault.value for fault in content.faults() if fault.rule == 16} == {"94", "100"}
    content.edit(EN, '"bru.def.1", ', '"bru.def.1", "bru.epi.1", ')
    assert not [fault for fault in content.faults() if fault.rule == 16]


PARTS = """
[[part]]
heading = "What is it?"
based_on = ["bru.def.1", "bru.img.1", "bru.tx.1"]
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('What is it?"', 'What is that?"', "the parts and the headings differ"),
        ('"bru.img.1", "bru.tx.1"]\n+++', '"bru.tx.1"]\n+++', '"bru.img.1" is not in any part'),
        ('"bru.img.1", "bru.tx.1"]\n+++', '"bru.img.1", "bru.tx.1", "bru.cause.1"]\n+++', '"bru.cause.1" is not in based_on'),
        ('["bru.def.1", "bru.img.1", "bru.tx.1"]\n+++', "[]\n+++", "rests on no statement"),
    ],
)
def test_the_parts_of_a_patient_text_are_those_of_its_headings(content: Directory, old: str, new: str, says: str) -> None:
    content.edit(EN, '"bru.tx.1"]\n', f'"bru.tx.1"]{PARTS}')
    assert not [fault for fault in content.faults() if fault.rule == 16]
    content.edit(EN, old, new)
    assert says in " ".join(fault.message for fault in content.faults() if fault.rule == 16)


def test_a_number_must_stand_in_a_statement_of_its_own_part(content: Directory) -> None:
    second = PARTS.replace("What is it?", "Pictures").replace('"bru.def.1", "bru.img.1", "bru.tx.1"', '"bru.def.1"')
    content.edit(EN, '"bru.tx.1"]\n', f'"bru.tx.1"]{PARTS}{second}')
    content.edit(EN, "- An X-ray", "## Pictures\n\n- An X-ray")
    (fault,) = [fault for fault in content.faults() if fault.rule == 16]
    assert (fault.where, fault.value) == ("Pictures", "3")


def test_a_form_names_codes_of_the_release(content: Directory) -> None:
    form = 'form = { name = "old form", status = "historical", codes = ["M61.X"] }'
    content.edit(BRU, 'section = "cause"\n', f'section = "cause"\n{form}\n')
    assert ("bru.cause.1 form", 11) in [(fault.where, fault.rule) for fault in content.faults()]


def test_a_language_without_a_formula_is_refused(content: Directory) -> None:
    french = (content.path / ES).read_text("utf-8").replace('language = "es"', 'language = "fr"')
    content.write("conditions/bruise-bone.patient.fr.md", french)
    assert any("no reading formula" in fault.message for fault in content.faults())


def test_only_the_calendar_of_a_named_day_is_checked(content: Directory) -> None:
    assert content.faults() == content.faults(date(2027, 5, 22))
    late = {(fault.rule, fault.where, fault.severity) for fault in content.faults(date(2028, 11, 23))} - {
        (9, "0.02", "information")
    }
    assert late == {
        (20, "review.next_check_due", "warning"),
        (20, "review.expires", "error"),
        (20, "bru.code.1 review_by", "error"),
    }


def test_the_last_day_is_still_in_time(content: Directory) -> None:
    on_the_day = [fault for fault in content.faults(date(2027, 10, 1)) if "review_by" in fault.where]
    a_day_late = [fault for fault in content.faults(date(2027, 10, 2)) if "review_by" in fault.where]
    assert (len(on_the_day), len(a_day_late)) == (0, 1)


def test_codes_of_m61_are_covered_in_the_real_list() -> None:
    table = Path(__file__).resolve().parents[4] / "shared" / "examples" / "m61-codes.tsv"
    if not table.exists():
        pytest.skip("the list of M61 codes is not at hand")
    rows = [line.split("\t") for line in table.read_text("utf-8").splitlines()[1:]]
    tree = SmallTree({row[0]: row[2] for row in rows}, [row[0] for row in rows if row[3] == "yes"])
    assert (len(tree.parents), len(tree.billable_codes_of("M61"))) == (203, 154)
    assert tree.ancestors("M61.051") == ["M61.05", "M61.0", "M61", "M60-M63"]


def test_good_content_uses_every_optional_key() -> None:
    for key in ("window", "conflict", "review_by", "seeds", "staging", "sections_without_source"):
        assert key in BRUISE
