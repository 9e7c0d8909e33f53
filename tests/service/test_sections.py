from __future__ import annotations

import pytest

from icdref.model import SAFETY_SECTIONS, SECTIONS
from icdref.service.sections import ALWAYS_SHOWN, MESH_SECTIONS, to_section


def test_every_section_is_known_by_its_code():
    assert [to_section(code) for code, _ in SECTIONS] == [code for code, _ in SECTIONS]
    assert to_section(" treatment ") == "treatment"


@pytest.mark.parametrize(("mesh", "section"), [("Q000628", "treatment"), ("Q000175", "diagnosis"), ("D003937", "differential")])
def test_a_sub_topic_of_mesh_leads_to_a_section(mesh, section):
    assert to_section(mesh) == section


def test_every_mesh_id_leads_to_a_section_that_there_is():
    assert set(MESH_SECTIONS.values()) <= dict(SECTIONS).keys()


@pytest.mark.parametrize("text", ["", "Treatment", "therapy", "Q999999", "red flags"])
def test_anything_else_is_no_section(text):
    assert to_section(text) == ""


def test_the_sections_that_are_always_shown_are_the_safety_sections():
    assert ALWAYS_SHOWN == SAFETY_SECTIONS
    assert [code for code, _ in SECTIONS][:2] == ["red-flags", "never-do"]
