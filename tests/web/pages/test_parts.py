"""The pieces of pages: what tells codes apart, which words were found, notes in order."""

import doctest

import pytest

from icdref.results import SearchHit, SearchReason
from icdref.service.matching import Asked
from icdref.web.pages import markdown, parts


@pytest.mark.parametrize("module", [markdown, parts])
def test_examples_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("titles", "own"),
    [
        (["Pain in right hip", "Pain in left hip", "Pain in unspecified hip"], ["right", "left", "unspecified"]),
        (["Myositis, right arm", "Myositis, right arm, healed"], ["arm", "arm, healed"]),
        (["Cholera", "Typhoid"], ["Cholera", "Typhoid"]),
        (["Same title", "Same title"], ["title", "title"]),
    ],
)
def test_choices_show_what_is_their_own(titles, own):
    pieces = parts.told_apart(titles)
    assert [piece[1] for piece in pieces] == own
    assert ["".join(piece) for piece in pieces] == titles


def test_every_choice_keeps_the_title_of_the_publisher(full_service):
    for code in ("M61", "M61.569", "M61.50", "T07", "13", "S52.5"):
        lookup = full_service.terminology.lookup(code)
        card = full_service.knowledge.for_codes([Asked(code)]).card
        for choice in parts.choices(lookup, card, full_service.terminology):
            title = full_service.terminology.lookup(choice.code).concept.display
            assert choice.before + choice.own + choice.after == title


def test_marked_words_are_escaped_around():
    hit = SearchHit("A00", "Bone <b> & muscle", True, "category", 1.0)
    assert str(parts.marked(hit.display, hit, "bone <script>")) == "<mark>Bone</mark> &lt;b&gt; &amp; muscle"


def test_reasons_say_what_was_typed():
    hit = SearchHit("A00", "x", True, "category", 1.0, (SearchReason("spelling", "fracture", "fractur"),))
    assert parts.why_found(hit) == ["spelling: fracture, typed “fractur”"]


def test_own_notes_are_never_behind_a_click(full_service):
    for code in ("M61", "13", "E11", "T07", "A00-A09"):
        lookup = full_service.terminology.lookup(code)
        for group in parts.note_groups(lookup):
            assert all(each.inherited_from for each in group.more)


def test_no_note_is_lost(full_service):
    lookup = full_service.terminology.lookup("M61.569")
    shown = [each for group in parts.note_groups(lookup) for each in (*group.few, *group.more)]
    assert sorted(map(repr, shown)) == sorted(map(repr, lookup.notes))
