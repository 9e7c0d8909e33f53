from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.compiler.content import shingles
from icdref.compiler.content.background import hashes_of
from icdref.compiler.content.words import RUN_LENGTH, folded_words, hashed, holds_phrase, runs

ROOT = Path(__file__).resolve().parents[3]
SEEDS = ROOT.parent / "shared" / "seeds"

words = st.lists(st.text("abcé", min_size=1, max_size=4), max_size=20)


@given(st.text(max_size=100))
def test_folding_is_idempotent(text: str) -> None:
    once = folded_words(text)
    assert folded_words(" ".join(once)) == once


@given(words)
def test_a_text_of_n_words_has_n_minus_seven_runs(each: list[str]) -> None:
    assert len(list(runs(" ".join(each)))) == max(0, len(each) - RUN_LENGTH + 1)


@given(words, st.integers(0, 10), st.integers(0, 10))
def test_a_text_holds_every_part_of_itself(each: list[str], start: int, length: int) -> None:
    part = each[start : start + length]
    assert holds_phrase(each, part) is bool(part)


def test_a_phrase_is_found_as_words_only() -> None:
    assert holds_phrase(folded_words("An O.M.B. of the leg"), folded_words("O. m. b."))
    assert not holds_phrase(folded_words("from bone"), folded_words("m b"))


def test_case_punctuation_and_accents_do_not_hide_a_copied_run() -> None:
    assert next(runs("Één, two three FOUR; five-six seven eight")) == next(runs("een two three four five six seven eight"))


def test_hashes_are_sixteen_hexadecimal_digits_and_stable() -> None:
    assert hashed("one two three four five six seven eight") == "d4290aa4b7182c24"


def test_a_list_of_hashes_reads_back(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one two three four five six seven eight nine", "utf-8")
    made = shingles.hashed_runs(tmp_path)
    assert len(made) == 2
    assert hashes_of(shingles.to_file(made)) == made


@pytest.mark.parametrize("line", ["abc", "g" * 16, "0" * 15 + "F"])
def test_a_line_that_is_no_hash_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="is not a hash"):
        hashes_of(f"# comment\n{line}\n")


def test_the_generator_is_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("one two three four five six seven eight", "utf-8")
    assert shingles.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == ["d4290aa4b7182c24"]
    assert shingles.main([]) == 2
    monkeypatch.setattr(sys, "argv", ["shingles"])
    monkeypatch.delitem(sys.modules, "icdref.compiler.content.shingles")
    with pytest.raises(SystemExit):
        runpy.run_module("icdref.compiler.content.shingles", run_name="__main__")


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed pages are not at hand")
def test_the_committed_hashes_are_those_of_the_seed_pages() -> None:
    committed = (ROOT / "fixtures" / "quarantine" / "seed-shingles.txt").read_text("ascii")
    assert committed == shingles.to_file(shingles.hashed_runs(SEEDS))
