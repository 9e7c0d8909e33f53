"""Clients of Node: fhir-kit-client and @medplum/core."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.slow

STEPS = ["metadata", "search by code", "read", "lookup", "expand", "validate-code", "paging", "errors", "batch"]


@pytest.mark.parametrize(
    ("program", "steps"),
    [("fhir_kit.mjs", [*STEPS, "no authorization server"]), ("medplum.mjs", STEPS)],
    ids=["fhir-kit", "medplum"],
)
def test_every_step_of_the_scenario_holds(node: Callable[..., str], base_url: str, program: str, steps: list[str]) -> None:
    assert node(program, base_url).splitlines() == steps
