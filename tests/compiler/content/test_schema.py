"""The JSON Schemas: they are the committed ones, and they take what the reader takes."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from icdref.compiler.content import schema
from tests.compiler.content.good import BRUISE, SOURCES

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "schema"
FILES = {"summary": "condition-summary.schema.json", "sources": "sources.schema.json"}
KINDS = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def violations(value: Any, rule: Any, where: str = "") -> list[str]:
    """Check the few keywords of JSON Schema that our schemas use."""
    if not isinstance(value, KINDS[rule["type"]]):
        return [f"{where}: not {rule['type']}"]
    found = []
    if "enum" in rule and value not in rule["enum"]:
        found.append(f"{where}: not in enum")
    if "pattern" in rule and not re.search(rule["pattern"], value):
        found.append(f"{where}: pattern")
    if rule.get("minLength", 0) > 0 and not value:
        found.append(f"{where}: empty")
    if isinstance(value, list):
        found += [each for number, item in enumerate(value) for each in violations(item, rule["items"], f"{where}[{number}]")]
    if isinstance(value, dict):
        found += [f"{where}: no {key}" for key in rule.get("required", ()) if key not in value]
        for key, each in value.items():
            inner = rule.get("properties", {}).get(key) or rule["additionalProperties"]
            found += violations(each, inner, f"{where}.{key}") if inner else [f"{where}.{key}: unknown"]
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_committed_schema_is_the_generated_one(name: str) -> None:
    assert (FOLDER / FILES[name]).read_text("utf-8") == schema.to_file(name)


@pytest.mark.parametrize(("name", "text"), [("summary", BRUISE), ("sources", SOURCES)])
def test_a_sound_file_fits_its_schema(name: str, text: str) -> None:
    assert violations(plain(tomllib.loads(text)), json.loads(schema.to_file(name))) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('kind = "lay"', 'knid = "lay"', ".synonym[0].knid: unknown"),
        ('grade = "B"', 'grade = "X"', ".statement[0].grade: not in enum"),
        ('version = "0.1.0"', 'version = "1"', ".version: pattern"),
        ("from_weeks = 0", 'from_weeks = "0"', ".window.from_weeks: not integer"),
        ('grade = "B"\n', "", ".statement[0]: no grade"),
    ],
)
def test_an_editor_sees_what_the_reader_refuses(old: str, new: str, place: str) -> None:
    found = violations(plain(tomllib.loads(BRUISE.replace(old, new, 1))), json.loads(schema.to_file("summary")))
    assert any(each.endswith(place) for each in found), found


def test_the_generator_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert schema.main(["sources"]) == 0
    assert capsys.readouterr().out == schema.to_file("sources")
    assert schema.main([]) == 2
