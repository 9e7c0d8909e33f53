from __future__ import annotations

import pytest

from icdref.importers.errors import ImportFault
from icdref.importers.lay_terms import COMMONNESS_FILE, TERMS_FILE, read_commonness, read_lay_terms
from icdref.model import Commonness, LayTerm

HEAD = "term\tkind\tmeans\tsource\n"


def terms(folder, text, head=HEAD):
    (folder / TERMS_FILE).write_text(head + text, "utf-8")
    return read_lay_terms(folder)


def levels(folder, text, head="code\tlevel\n"):
    (folder / COMMONNESS_FILE).write_text(head + text, "utf-8")
    return read_commonness(folder)


def test_rows_are_read_in_order(tmp_path):
    assert terms(tmp_path, "heart attack\tlay\tI21.9|I21-|myocardial infarction\tplain\nc/o\tignored\t\tusage\n") == (
        LayTerm("heart attack", "lay", ("I21.9", "I21-", "myocardial infarction"), "plain"),
        LayTerm("c/o", "ignored", (), "usage"),
    )
    assert levels(tmp_path, "I10\t9\nE11.9\t8\n") == (Commonness("I10", 9), Commonness("E11.9", 8))


@pytest.mark.parametrize(
    ("row", "line", "reason"),
    [
        ("flu\tlay\tJ11.1\n", 2, "3 columns, not 4"),
        ("flu\tlay\tJ11.1\tplain\tmore\n", 2, "5 columns, not 4"),
        ("\n", 2, "1 columns, not 4"),
        ("\tlay\tJ11.1\tplain\n", 2, "empty"),
        (" flu\tlay\tJ11.1\tplain\n", 2, "blanks around it"),
        ("flu\tlay\tJ11.1\tplain\nFLU\tlay\tJ11.1\tplain\n", 3, "stands in line 2 already"),
        ("flu\tslang\tJ11.1\tplain\n", 2, "kind 'slang'"),
        ("flu\tlay\tJ11.1\thearsay\n", 2, "source 'hearsay'"),
        ("flu\tlay\t\tplain\n", 2, "neither a code"),
        ("flu\tlay\tJ11.1||influenza\tplain\n", 2, "neither a code"),
        ("flu\tlay\tInfluenza\tplain\n", 2, "'Influenza' is neither a code"),
        ("flu\tlay\tj11.1*\tplain\n", 2, "neither a code"),
        ("flu\tlay\tJ11.1|J11.1\tplain\n", 2, "names a meaning twice"),
        ("c/o\tignored\tpain\tusage\n", 2, "an ignored word means nothing"),
    ],
)
def test_a_fault_has_its_line(tmp_path, row, line, reason):
    with pytest.raises(ImportFault) as caught:
        terms(tmp_path, row)
    assert (caught.value.file, caught.value.line) == (TERMS_FILE, line)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("row", "line", "reason"),
    [
        ("I10\n", 2, "1 columns"),
        ("I1\t3\n", 2, "not an ICD-10-CM code"),
        ("E119\t3\n", 2, "with its dot"),
        ("I10\t10\n", 2, "not a digit"),
        ("I10\t0\n", 2, "not a digit"),
        ("I10\t9\nI10\t8\n", 3, "twice"),
        ("I10-\t9\n", 2, "not an ICD-10-CM code"),
    ],
)
def test_a_fault_of_the_commonness_table_has_its_line(tmp_path, row, line, reason):
    with pytest.raises(ImportFault) as caught:
        levels(tmp_path, row)
    assert (caught.value.file, caught.value.line) == (COMMONNESS_FILE, line)
    assert reason in caught.value.reason


def test_another_header_another_encoding_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(ImportFault, match="is missing"):
        read_lay_terms(tmp_path)
    with pytest.raises(ImportFault, match="the header is not"):
        terms(tmp_path, "", head="word\tkind\tmeans\tsource\n")
    (tmp_path / TERMS_FILE).write_bytes(HEAD.encode() + b"\xff\n")
    with pytest.raises(ImportFault, match="not UTF-8"):
        read_lay_terms(tmp_path)
