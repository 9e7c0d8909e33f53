from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.importers.patient_text import faults_of_markdown, parse_patient_text
from icdref.importers.tables import Faults

FRONT = '+++\nsummary = "x"\nlanguage = "en"\nstatus = "draft"\ntarget_grade = 7\nbased_on = ["a.b.1"]\n+++\n'


@pytest.mark.parametrize(
    "line",
    [
        "",
        "## What is it?",
        "A plain line, with (brackets), 3-6 weeks & an X-ray: 5 > 3? No!",
        "- a list",
        "  which goes on",
        "See [the site](https://example.org/a_b?c=d#e).",
        "¿Qué es? Un músculo «nuevo».",
    ],
)
def test_the_subset_is_taken(line: str) -> None:
    assert list(faults_of_markdown(line)) == []


@pytest.mark.parametrize(
    "line",
    [
        "# Title",
        "### Third",
        "##No blank",
        "#",
        "* star",
        "+ plus",
        "1. first",
        "2) second",
        "> quote",
        "```",
        "~~~",
        "---",
        "===",
        "| table |",
        "    code",
        "\tcode",
        "  - nested",
        "- ",
        "<b>bold</b>",
        "a < b",
        "<!-- hidden -->",
        "<https://example.org>",
        "**bold**",
        "_soft_",
        "`code`",
        "back\\slash",
        "![image](https://example.org/a.png)",
        "[text](http://example.org)",
        "[text](javascript:alert(1))",
        "[text](//example.org)",
        '[text](https://example.org "title")',
        "[](https://example.org)",
        "[text][1]",
        "[1]: https://example.org",
        "&lt;b&gt;",
        "&#60;",
        "http://example.org",
        "mailto:a@example.org",
        "in\u202evisible",
        "zero\u200bwidth",
    ],
)
def test_everything_else_is_refused(line: str) -> None:
    found = list(faults_of_markdown(line))
    assert found
    assert all(message and fix for message, fix in found)


@given(st.text(max_size=80).filter(lambda text: "\n" not in text))
def test_no_line_breaks_the_check_or_opens_a_tag(line: str) -> None:
    if not list(faults_of_markdown(line)):
        assert "<" not in line
        assert "`" not in line


def parsed(text: str) -> tuple[object, list[str]]:
    faults = Faults("x.md")
    found = parse_patient_text(text, faults)
    return found, [str(fault) for fault in faults.found]


def test_a_fault_names_the_line_of_the_file() -> None:
    assert parsed(f"{FRONT}Fine.\n\n# Title\n") == (
        None,
        ["x.md line 10: is a heading of another level; fix: start headings with ## and one blank"],
    )


@pytest.mark.parametrize("text", ["", "words", "+++\nno end", f" {FRONT}text"])
def test_front_matter_is_required(text: str) -> None:
    assert "has no front matter" in parsed(text)[1][0]


def test_an_empty_text_is_refused() -> None:
    assert "has no text" in parsed(f"{FRONT}\n \n")[1][0]


def test_front_matter_is_as_strict_as_a_summary() -> None:
    assert 'rename it to "status"' in parsed(FRONT.replace("status", "statsu") + "Text.")[1][0]
    assert "is not valid TOML" in parsed(FRONT.replace("language =", "language") + "Text.")[1][0]
