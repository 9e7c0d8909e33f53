from __future__ import annotations

import doctest
from datetime import date
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.codes import ICD9CM, ICD10CM
from icdref.infobutton.notification import read_notification
from icdref.infobutton.parameters import canonical_name, read_parameters
from icdref.infobutton.question import Criterion, read_question
from icdref.issues import IcdRefError


def question(*pairs):
    return read_question(read_parameters(pairs))


@pytest.mark.parametrize("module", ["ages", "answer", "parameters", "question"])
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(import_module(f"icdref.infobutton.{module}")).failed == 0


def test_numbered_criteria_are_read_in_their_order_and_each_once():
    found = question(
        ("mainSearchCriteria.v.c2", "m61"),
        ("mainSearchCriteria.v.c", "M61.0"),
        ("mainSearchCriteria.v.c1", "728.12"),
        ("mainSearchCriteria.v.cs1", "2.16.840.1.113883.6.103"),
        ("mainSearchCriteria.v.c3", "M610"),
    )
    assert found.criteria == (Criterion("M61.0", ICD10CM), Criterion("728.12", ICD9CM), Criterion("M61", ICD10CM))


def test_names_with_v_win_over_old_ones():
    found = question(("mainSearchCriteria.c.c", "M62"), ("mainSearchCriteria.v.c", "M61"), ("mainSearchCriteria.c.dn", "old"))
    assert found.criteria == (Criterion("M61", ICD10CM, "old"),)


@pytest.mark.parametrize(("text", "code"), [("M61.051", "M61.051"), ("m1a", "M1A"), ("FOP", ""), ("12", ""), ("M61 pain", "")])
def test_a_code_typed_as_a_name_is_a_code(text, code):
    assert question(("mainSearchCriteria.v.dn", text)).criteria[0].code == code


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("20261001", date(2026, 10, 1)),
        ("20261001235959", date(2026, 10, 1)),
        ("20261301", None),
        ("2026", None),
        ("٢٠٢٦١٠٠١", None),
    ],
)
def test_the_date_of_the_effective_time_is_read(stamp, day):
    found = question(("knowledgeRequestNotification.effectiveTime.v", stamp))
    assert found.day == day
    assert bool(found.remarks) is (day is None)


def test_a_known_parameter_twice_is_refused_even_when_one_is_empty():
    with pytest.raises(IcdRefError, match=r"age\.v\.v"):
        read_parameters([("age.v.v", ""), ("AGE.V.V", "1")])
    read_parameters([("unheard.of", "1"), ("unheard.of", "2")])


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), max_size=8))
def test_no_pairs_whatever_are_more_than_a_refusal(pairs):
    try:
        found = read_parameters(pairs)
    except IcdRefError:
        return
    assert all(canonical_name(name) == name for name in found.values)
    assert all(value.isprintable() for value in found.values.values())
    read_question(found)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"<knowledgeRequestNotification>{text}".encode()))
def test_no_bytes_whatever_are_more_than_a_refusal(body):
    try:
        read_notification(body)
    except IcdRefError as error:
        assert error.issue.detail == "malformed-body"


def test_a_password_in_the_notification_is_refused():
    body = (
        b"<knowledgeRequestNotification><holder><certificateText>s3cret</certificateText></holder></knowledgeRequestNotification>"
    )
    with pytest.raises(IcdRefError) as caught:
        read_parameters(read_notification(body))
    assert caught.value.issue.detail == "password-sent"
    assert "s3cret" not in str(caught.value)


def test_a_document_type_is_refused_whatever_it_declares():
    message = (
        '<knowledgeRequestNotification><mainSearchCriteria><value code="{}"/></mainSearchCriteria></knowledgeRequestNotification>'
    )
    assert read_notification(message.format("M61").encode()) == [("mainSearchCriteria.v.c", "M61")]
    for declared in ('<!DOCTYPE a [<!ENTITY e "M61">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">', "<!DOCTYPE a>"):
        with pytest.raises(IcdRefError, match="declares a document type"):
            read_notification((declared + message.format("M61")).encode())
