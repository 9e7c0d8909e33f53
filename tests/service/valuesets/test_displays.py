"""Which text of a concept is shown to whom, and which texts a display is compared with."""

import pytest

from icdref.definitions import Coding, Designation
from icdref.service.valuesets.displays import Displays
from icdref.service.valuesets.languages import languages


def displays(*texts):
    """Return texts of a concept: the display first, then (language, text) with an optional status."""
    made = Displays()
    made.add_display("Arm", "en")
    for tag, text, *status in texts:
        made.add(Designation(text, tag, status=status[0] if status else ""))
    return made


def shown(made, asked="", *, open_ended=True):
    text = made.preferred(languages(asked, open_ended=open_ended) if asked else None)
    return text.value if text else None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", "Arm"),
        ("en", "Arm"),
        ("de", "Arm (de)"),
        ("de-DE", "Arm (de)"),
        ("de-CH", "Arm (ch)"),
        ("fr", "Arm"),  # an expansion takes what there is
        ("fr;q=0.9, de;q=0.8", "Arm (de)"),
        ("*", "Arm"),
        ("fr, *;q=0", None),  # unless the client rules that out
    ],
)
def test_the_text_to_show_follows_the_languages_asked_for(asked, expected):
    assert shown(displays(("de", "Arm (de)"), ("de-CH", "Arm (ch)")), asked) == expected


def test_a_text_out_of_use_is_shown_only_where_there_is_no_other():
    assert shown(displays(("de", "alt", "withdrawn"), ("de", "neu")), "de") == "neu"
    assert shown(displays(("de", "alt", "withdrawn")), "de") == "alt"


def test_a_validation_compares_with_the_languages_asked_for_and_no_others():
    made = displays(("de", "Arm (de)"))
    german = languages("de", open_ended=False)
    assert made.has("arm (DE)", german)
    assert not made.has("Arm", german)
    assert made.has("Arm", None)
    assert (made.count(german, displays_only=True), made.count(None, displays_only=True)) == (1, 2)
    assert made.present(german, displays_only=True) == "'Arm (de)' (de)"
    assert made.present(None, displays_only=True) == "'Arm' (en) or 'Arm (de)' (de)"
    assert made.present(languages("fr", open_ended=False), displays_only=True) == "'Arm' (en) or 'Arm (de)' (de)"


def test_three_texts_are_listed_with_commas():
    assert displays(("de", "b"), ("fr", "c")).present(None, displays_only=True) == "'Arm' (en), 'b' (de) or 'c' (fr)"


def test_a_designation_with_another_use_is_compared_with_and_is_no_display():
    made = displays()
    made.add(Designation("A.", "en", Coding("http://example.org/use", "short")))
    assert made.has("A.", None)
    assert made.count(None, displays_only=True) == 1
    assert made.allowed() == ("Arm",)


def test_blanks_are_told_apart_from_other_differences():
    made = displays()
    assert made.has_but_for_blanks("  ARM ", None)
    assert not made.has("  ARM ", None)


def test_a_supplement_that_repeats_the_display_adds_nothing():
    made = displays()
    from icdref.service.systems.supplemented import PREFERRED

    made.extend([Designation("Arm", "en", PREFERRED, "http://example.org/supplement")])
    assert len(made.texts) == 1
