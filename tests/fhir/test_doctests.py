"""The examples in the docstrings of fhir/ are true."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import icdref.fhir.canonical

MODULES = sorted(path.stem for path in Path(icdref.fhir.canonical.__file__).parent.glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name):
    assert doctest.testmod(import_module(f"icdref.fhir.{name}")).failed == 0
