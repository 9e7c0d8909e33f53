"""What holds of every code, whoever wrote it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from icdref import codes
from icdref.codes import normalise

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALNUM = LETTERS + "0123456789"

stems = st.tuples(st.sampled_from(LETTERS), st.text(ALNUM, min_size=2, max_size=2)).map("".join)
real_codes = st.tuples(stems, st.text(ALNUM, max_size=4)).map(lambda parts: codes.with_dot("".join(parts)))
blocks = st.tuples(stems, stems).map("-".join)
any_text = st.text(max_size=70) | st.text("M61.0 -x\t\nQA", max_size=12)


@given(any_text | real_codes | blocks)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    code = normalise(text)
    if code is not None:
        assert normalise(code) == code


@given(any_text)
def test_a_normalised_code_is_ascii_upper_case_and_short(text: str) -> None:
    code = normalise(text)
    if code is not None:
        assert code.isascii()
        assert code == code.upper().strip()
        assert len(code) <= 8


@given(real_codes)
def test_writing_a_code_without_its_dot_and_reading_it_is_the_identity(code: str) -> None:
    assert normalise(codes.without_dot(code)) == normalise(code) == code
    assert codes.with_dot(codes.without_dot(code)) == code


@given(real_codes | blocks, st.text(" \t", max_size=5), st.text(" \t", max_size=5))
def test_case_and_blanks_around_a_code_do_not_matter(code: str, before: str, after: str) -> None:
    assert normalise(before + code.lower() + after) == code


@given(real_codes | blocks, st.data())
def test_one_foreign_character_anywhere_is_refused(code: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(code) - 1))
    foreign = data.draw(st.characters(min_codepoint=128))
    assert normalise(code[:position] + foreign + code[position + 1 :]) is None
    assert normalise(code[:position] + foreign + code[position:]) is None


@given(real_codes, st.data())
def test_one_mark_inside_a_code_is_refused(code: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(1, len(code) - 1))
    mark = data.draw(st.sampled_from(" \n\r\t\0_*%;:/,'\"()+"))
    assert normalise(code[:position] + mark + code[position:]) is None


@given(real_codes, st.sampled_from("ABDS0129"))
def test_an_extended_code_has_seven_characters_and_begins_with_its_leaf(leaf: str, character: str) -> None:
    bare = codes.without_dot(leaf)
    if len(bare) <= 6:
        extended = codes.without_dot(codes.pad_seventh(leaf, character))
        assert len(extended) == 7
        assert extended.startswith(bare)
        assert set(extended[len(bare) : 6]) <= {"X"}
        assert extended[6] == character


@given(any_text)
def test_a_code_is_a_block_or_a_chapter_or_neither_and_never_both(text: str) -> None:
    code = normalise(text) or ""
    assert not (codes.is_block(code) and codes.is_chapter(code))


@given(any_text)
def test_a_code_system_is_itself_once_it_is_a_uri(text: str) -> None:
    assert codes.to_system(codes.to_system(text)) == codes.to_system(text)
