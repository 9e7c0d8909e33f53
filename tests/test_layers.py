"""Imports point one way: web and cli -> service -> store -> the words; only those who build can reach the compiler."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.checkout import ROOT

PACKAGE = ROOT / "plugin" / "icdref"
FACADE = "icdref"

WORDS = frozenset(
    {
        *("model", "results", "codes", "config", "records", "definitions", "expansions"),
        *("canonicals", "concept_properties", "translations"),
        *(
            "issues",
            "issues_access",
            "issues_doors",
            "issues_interactions",
            "issues_maps",
            "issues_terminology",
            "issues_value_sets",
        ),
    }
)

ALLOWED: dict[str, frozenset[str]] = {
    # layer: the layers that its modules may import, beside their own
    **dict.fromkeys(WORDS, WORDS),
    "language": WORDS,
    "importers": WORDS | {"language"},
    "fhir": WORDS,
    "cds": WORDS | {"fhir"},
    "infobutton": WORDS | {"fhir"},
    "store": WORDS | {"language"},
    "service": WORDS | {"store", "language"},
    "web": WORDS | {"store", "service", "fhir", "cds", "infobutton", FACADE},
    "server": WORDS | {"store", "service", "web", FACADE},
    "compiler": WORDS | {"language", "importers", "store", "service", "fhir", FACADE},
    "export": WORDS | {"fhir", "service", "web", FACADE},
    "setup": WORDS | {"compiler", "store"},
    "cli": WORDS | {"compiler", "export", "importers", "language", "store", "service", "web", "server", "fhir", "setup", FACADE},
    FACADE: WORDS | {"service", "web", "setup"},
}
"""`language` is pure and knows nothing of codes; `cds` and `infobutton` shape what those doors say, as `fhir` does; `setup`
compiles an edition where there is none, for the facade and the command line."""

BUILDING = frozenset({"compiler", "importers", "setup"})
ANSWERING = frozenset({"export", "web", "cds", "infobutton", "service", "store", "fhir", "server", "language"})

READERS = {
    # Modules outside fhir/ in which "resourceType" is read; none writes it.
    "web/operation_input.py": "the type of a body that a client sent",
    "cds/request.py": "whether a prefetch is an error of the EHR's",
    "cds/prefetch.py": "which resources a prefetch holds",
    "importers/recognise.py": "whether a file is FHIR",
    "importers/fhir_files.py": "the type of a file that an operator imports",
    "compiler/fhir_resources.py": "the type of a resource that an operator imported",
    "compiler/publish.py": "the type of the resource in which a fault was found",
}


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("icdref", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def layer(module: str) -> str:
    return module.split(".")[1] if "." in module else FACADE


@cache
def imports(module: str, *, at_import: bool = False) -> frozenset[str]:
    """Return the modules of the package that one imports; `at_import` leaves out imports inside functions.

    Imports for type checkers only are left out: nothing is loaded by them.
    """
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    return frozenset(name for node in nodes(tree, at_import=at_import) for name in named(node, module))


def nodes(tree: ast.AST, *, at_import: bool) -> Iterator[ast.stmt]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from (each for each in node.orelse if isinstance(each, ast.Import | ast.ImportFrom))
        elif not (at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            yield from nodes(node, at_import=at_import)


def named(node: ast.stmt, module: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in MODULES)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{module}: relative import; write it in full"
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            if whole in MODULES:
                yield whole
            elif node.module in MODULES:
                yield str(node.module)


def reach(start: str) -> dict[str, str]:
    """Return every module that one can reach, each with the module that led to it. The facade is not walked through."""
    found: dict[str, str] = {}
    waiting = [start]
    while waiting:
        module = waiting.pop()
        for name in imports(module):
            if name not in found:
                found[name] = module
                if name != FACADE:
                    waiting.append(name)
    return found


def test_the_package_is_looked_at():
    assert {layer(module) for module in MODULES} >= {"web", "cli", "service", "store", "fhir", "importers", "compiler", "server"}
    assert imports("icdref.service.terminology") >= {"icdref.codes", "icdref.store.concepts"}


def test_every_layer_is_known():
    unknown = {layer(module) for module in MODULES} - ALLOWED.keys()
    assert unknown == set(), "give the new layer its place in ALLOWED and in the style guide"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_layers_below_its_own(module):
    own = layer(module)
    if own not in ALLOWED:
        pytest.skip("an unknown layer fails the test above")
    wrong = {name for name in imports(module) if layer(name) != own and layer(name) not in ALLOWED[own]}
    assert wrong == set(), f"{own} may import {', '.join(sorted(ALLOWED[own]))}"


@pytest.mark.parametrize("module", [module for module in MODULES if layer(module) in ANSWERING])
def test_nothing_that_answers_a_request_can_reach_an_importer_or_the_compiler(module):
    found = reach(module)
    wrong = {name: found[name] for name in found if layer(name) in BUILDING}
    assert wrong == {}, "module: what imports it"


@pytest.mark.parametrize("module", [module for module in MODULES if layer(module) in ANSWERING | {"compiler"}])
def test_of_the_facade_only_the_version_is_used_below_the_command_line(module):
    if FACADE not in imports(module):
        return
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    taken = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == FACADE
        for alias in node.names
        if f"{FACADE}.{alias.name}" not in MODULES
    }
    assert taken == {"__version__"}


def test_only_the_command_line_and_the_facade_reach_the_compiler():
    users = {layer(module) for module in MODULES for name in imports(module) if layer(name) == "compiler"}
    assert users - {"compiler"} <= {"cli", "setup"}
    assert {layer(module) for module in MODULES if "icdref.setup" in imports(module)} <= {"cli", FACADE}


def test_only_the_compiler_and_the_command_line_use_importers():
    users = {layer(module) for module in MODULES for name in imports(module) if layer(name) == "importers"}
    assert users - {"importers"} <= {"compiler", "cli"}


def test_there_are_no_import_cycles():
    """Tarjan's algorithm over all imports, those inside functions too; the facade imports nothing when it is loaded."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    cycles: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = low[module] = len(order)
        stack.append(module)
        for name in imports(module) - {FACADE}:
            if name not in order:
                visit(name)
                low[module] = min(low[module], low[name])
            elif name in stack:
                low[module] = min(low[module], order[name])
        if low[module] == order[module]:
            cycle = []
            while not cycle or cycle[-1] != module:
                cycle.append(stack.pop())
            if len(cycle) > 1 or module in imports(module):
                cycles.append(sorted(cycle))

    for module in MODULES:
        if module != FACADE and module not in order:
            visit(module)
    assert cycles == []
    assert imports(FACADE, at_import=True) == frozenset()


LOADED = """
import sys
{imports}
loaded = sorted(name for name in sys.modules if name.startswith(("icdref.compiler", "icdref.importers", "icdref.setup")))
assert not loaded, loaded
"""


def test_a_process_that_answers_never_loads_what_builds():
    answering = "\n".join(
        f"import {module}" for module in MODULES if layer(module) in ANSWERING and not module.endswith("__main__")
    )
    ended = subprocess.run(
        [sys.executable, "-c", LOADED.format(imports=answering)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""


def test_importing_the_package_loads_nothing_else_of_it():
    code = "import sys, icdref\nassert [m for m in sys.modules if m.startswith('icdref.')] == [], sys.modules"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stderr == ""


def mentions(path: Path) -> Iterator[tuple[ast.Constant, ast.AST]]:
    """Yield each "resourceType" of a module with the node that holds it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Constant) and child.value == "resourceType":
                yield child, node


def test_fhir_is_shaped_in_fhir_and_nowhere_else():
    outside = {path.relative_to(PACKAGE).as_posix(): path for name, path in MODULES.items() if layer(name) != "fhir"}
    speaking = {name for name, path in outside.items() if "resourceType" in path.read_text("utf-8")}
    assert speaking <= READERS.keys()


def test_outside_fhir_the_type_of_a_resource_is_never_written():
    for name in READERS:
        for _, holder in mentions(PACKAGE / name):
            assert not isinstance(holder, ast.Dict), f"{name} builds a resource"
            if isinstance(holder, ast.Subscript):
                assert isinstance(holder.ctx, ast.Load), f"{name} sets the type of a resource"
