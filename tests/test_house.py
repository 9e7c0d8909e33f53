"""House rules that a machine can hold: sizes, encodings, and nothing of one machine or workplace in what is committed."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from icdref.config import describe
from tests.checkout import ROOT, files

_LONGEST = 600
_BINARY = frozenset({".xz", ".zip", ".png", ".ico", ".woff2", ".ttf", ".gz"})
_TEXTS = [path for path in files() if path.suffix not in _BINARY and not (ROOT / path).is_symlink()]

# Put together here, so that this file does not contain what it forbids.
_REGISTRIES = [f"{name}.{end}" for name, end in (("py" + "pi", "org"), ("python" + "hosted", "org"), ("npm" + "js", "org"))]
_MACHINE = ["/" + folder + "/" for folder in ("root", "work", "opt/wheels", "opt/py" + "pi")]
_FORBIDDEN = [rf"(?<![\w.-]){re.escape(folder)}" for folder in _MACHINE] + [rf"\b{re.escape(host)}\b" for host in _REGISTRIES]


def test_text_is_utf8_with_plain_line_ends():
    for path in _TEXTS:
        data = (ROOT / path).read_bytes()
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            pytest.fail(f"{path}: not UTF-8: {error}")
        assert b"\r" not in data, f"{path}: CR in it; write LF line ends"
        assert not data.startswith(b"\xef\xbb\xbf"), f"{path}: starts with a byte order mark"
        assert not data or data.endswith(b"\n"), f"{path}: does not end with a line end"


@pytest.mark.parametrize("pattern", _FORBIDDEN)
def test_nothing_names_this_machine_or_a_package_registry(pattern):
    named = [
        f"{path}:{number}"
        for path in _TEXTS
        for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert not named, f"{pattern} in {', '.join(named[:10])}"


def test_no_module_is_longer_than_600_lines():
    lengths = {
        path: len((ROOT / path).read_text("utf-8").splitlines())
        for path in files()
        if path.suffix == ".py" and path.parts[0] == "plugin"
    }
    assert lengths
    long = {str(path): length for path, length in lengths.items() if length > _LONGEST}
    assert not long, f"split them by what their halves are called: {long}"


def test_the_only_links_are_the_two_that_carry_data_into_the_package():
    links = {path.as_posix(): str((ROOT / path).readlink()) for path in files() if (ROOT / path).is_symlink()}
    assert links == {
        "plugin/icdref/codesets": "../../codesets",
        "plugin/icdref/fixtures": "../../fixtures",
    }


def test_data_folders_are_no_packages():
    code = [path for path in files() if path.suffix == ".py" and path.parts[0] in ("codesets", "fixtures")]
    assert not code


def test_scripts_can_be_run():
    for path in (".ci/run", "tools/setup-venv.sh", "tools/setup-browser.sh", "tools/lock.sh", "deploy/build-image.sh"):
        assert (ROOT / path).stat().st_mode & 0o111 == 0o111, f"chmod +x {path}"


def test_lock_files_pin_every_package_by_hash_and_name_no_index():
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text("utf-8")
        assert "://" not in text, f"{path.name}: names an address"
        assert "--index" not in text, f"{path.name}: names an index"
        # A requirement starts in column 0, its hashes are indented.
        requirements = re.split(r"\n(?=[a-z])", "\n" + text)[1:]
        assert requirements
        for requirement in requirements:
            assert re.match(r"[a-z0-9.-]+==[\w.]+", requirement), f"{path.name}: not pinned: {requirement[:60]}"
            assert "--hash=sha256:" in requirement, f"{path.name}: without a hash: {requirement[:60]}"


@pytest.mark.parametrize(
    ("lock", "extras"), [("run", ()), ("extras", ("import", "pdf", "remap")), ("test", ("import", "pdf", "remap", "test"))]
)
def test_lock_files_hold_what_setup_cfg_asks_for(lock, extras):
    metadata = _metadata()
    listed = metadata["options"]["install_requires"] + "".join(metadata["options.extras_require"][name] for name in extras)
    pins = re.findall(r"^([a-z0-9.-]+)==([\w.]+)", (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8"), re.MULTILINE)
    locked = {canonicalize_name(name): version for name, version in pins}
    for line in filter(None, listed.splitlines()):
        requirement = Requirement(line)
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in requirements/{lock}.txt; run `make lock`"
        assert version in requirement.specifier, f"requirements/{lock}.txt has {requirement.name} {version}; run `make lock`"


def _metadata() -> configparser.ConfigParser:
    metadata = configparser.ConfigParser()
    metadata.read(ROOT / "setup.cfg", "utf-8")
    return metadata


def test_every_package_that_is_imported_is_declared():
    """A package that happens to be installed by another one, or for the tests, may be missing in an installed icdref."""
    metadata = _metadata()
    extras = metadata["options.extras_require"]
    listed = metadata["options"]["install_requires"] + "".join(extras[name] for name in extras if name != "test")
    declared = {canonicalize_name(Requirement(line).name) for line in filter(None, listed.splitlines())}
    provided_by = packages_distributions()
    undeclared = {
        f"{path}: {name}"
        for path in files()
        if path.suffix == ".py" and path.parts[0] == "plugin"
        for name in _imported(ast.parse((ROOT / path).read_text("utf-8")))
        if not {canonicalize_name(each) for each in provided_by.get(name, [name])} & declared
    }
    assert not undeclared, "add them to install_requires (or an extra) in setup.cfg and run `make lock`"


def _imported(module: ast.Module) -> set[str]:
    """Return the top-level packages that a module imports from elsewhere than the standard library and icdref."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module)
    return {name.split(".")[0] for name in found} - sys.stdlib_module_names - {"icdref", "_typeshed"}


def test_every_environment_variable_in_the_code_is_a_setting():
    known = {name for name, *_ in describe()}
    internal = {"ICDREF_APP", "ICDREF_SHARED_FILE"}
    named = {
        (name, path)
        for path in files()
        if path.suffix == ".py" and path.parts[0] == "plugin"
        for name in re.findall(r"ICDREF_[A-Z][A-Z_]+[A-Z]", (ROOT / path).read_text("utf-8"))
    }
    assert named
    unknown = {(name, str(path)) for name, path in named if name not in known | internal}
    assert not unknown
