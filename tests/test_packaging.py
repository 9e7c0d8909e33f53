"""What is built is whole: the wheel, the source distribution, and the steps of the container, run in a clean directory."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from icdref import __version__
from icdref.compiler.sources import Sources
from tests.checkout import ROOT, copy, files

_NOBODY = 65534
_NOT_IN_THE_WHEEL = frozenset({"fixtures/quarantine", "fixtures/schema"})
_LINKED = ("codesets", "fixtures")


def _packaged() -> set[str]:
    """Return every file that an installed icdref must have, relative to site-packages."""
    data = {path for path in files() if path.parts[0] in _LINKED and "/".join(path.parts[:2]) not in _NOT_IN_THE_WHEEL}
    code = {path for path in files() if path.parts[:2] == ("plugin", "icdref") and path.name not in _LINKED}
    return {f"icdref/{path.as_posix()}" for path in data} | {path.relative_to("plugin").as_posix() for path in code}


def _run(*command: str | Path, **options) -> subprocess.CompletedProcess[str]:
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert result.returncode == 0, f"{command}\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}"
    return result


@pytest.fixture(scope="module")
def place():
    """Yield an empty directory that other users can enter, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp(prefix="icdref-packaging-"))
    directory.chmod(0o755)
    yield directory
    _run("chmod", "-R", "u+w", directory)
    shutil.rmtree(directory)


# --- distributions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Distributions:
    source: Path
    wheel: Path
    wheel_of_the_source: Path


@pytest.fixture(scope="module")
def built(place):
    checkout = place / "checkout"
    copy(checkout, files())
    build = (sys.executable, "-m", "build", "--no-isolation")
    _run(*build, "--outdir", place / "both", checkout)  # the source distribution, and a wheel from it
    _run(*build, "--wheel", "--outdir", place / "direct", checkout)
    (source,) = (place / "both").glob("*.tar.gz")
    (wheel,) = (place / "direct").glob("*.whl")
    (from_source,) = (place / "both").glob("*.whl")
    return Distributions(source, wheel, from_source)


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_both_data_links_are_directories():
    for name in _LINKED:
        link = ROOT / "plugin" / "icdref" / name
        assert link.is_symlink(), f"{link} is no symbolic link; on Windows: git config core.symlinks true"
        assert link.is_dir(), f"{link} leads nowhere"


@pytest.mark.slow
@pytest.mark.parametrize("which", ["wheel", "wheel_of_the_source"])
def test_wheel_holds_all_code_and_data_and_nothing_else(built, which):
    names = _names(getattr(built, which))
    content = {name for name in names if ".dist-info/" not in name}
    assert content == _packaged(), "see [options.package_data] in setup.cfg"


@pytest.mark.slow
@pytest.mark.parametrize("which", ["wheel", "wheel_of_the_source"])
def test_quarantine_is_in_no_wheel(built, which):
    assert not [name for name in _names(getattr(built, which)) if "quarantine" in name]


@pytest.mark.slow
def test_wheel_carries_licence_notice_and_metadata(built):
    with zipfile.ZipFile(built.wheel) as archive:
        read = {Path(name).name: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name}
    assert read["LICENSE"] == (ROOT / "LICENSE").read_text("utf-8")
    assert read["NOTICE"] == (ROOT / "NOTICE").read_text("utf-8")
    assert f"\nVersion: {__version__}\n" in read["METADATA"]
    assert "\nLicense-Expression: Apache-2.0\n" in read["METADATA"]
    assert read["entry_points.txt"] == "[console_scripts]\nicdref = icdref.cli:main\n"


@pytest.mark.slow
def test_source_distribution_holds_real_files_and_no_quarantine(built):
    with tarfile.open(built.source) as archive:
        members = archive.getmembers()
    names = {member.name.split("/", 1)[1] for member in members if "/" in member.name}
    assert not [member.name for member in members if member.issym() or member.islnk()]
    assert not [name for name in names if "quarantine" in name]
    assert {f"plugin/{name}" for name in _packaged()} <= names
    assert {"README.md", "LICENSE", "NOTICE", "CHANGELOG.md", "pyproject.toml", "setup.cfg"} <= names


# --- an installation, made by the container's steps -------------------------------------------------------------------


@dataclass(frozen=True)
class Installation:
    prefix: Path
    data: Path
    elsewhere: Path

    def run(self, *arguments: str, check: int = 0) -> subprocess.CompletedProcess[str]:
        command = [str(self.prefix / "bin" / arguments[0]), *arguments[1:]]
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.elsewhere, env={"ICDREF_DATA": str(self.data)}
        )
        assert result.returncode == check, f"{arguments}: {result.returncode}\n{result.stdout}\n{result.stderr}"
        return result


@pytest.fixture(scope="module")
def installed(place):
    """Run deploy/build-image.sh on what the container's build context would hold, then take all write permissions away."""
    context = place / "context"
    copy(context, _build_context())
    prefix, data, elsewhere = place / "prefix", place / "data", place / "elsewhere"
    elsewhere.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ICDREF_", "PYTHON", "VIRTUAL_ENV"))}
    environment |= {"PYTHON": _interpreter(), "HOME": str(elsewhere)}
    _run(context / "deploy" / "build-image.sh", prefix, data, cwd=elsewhere, env=environment)
    shutil.rmtree(context)
    _run("chmod", "-R", "a-w", prefix, data)
    return Installation(prefix, data, elsewhere)


def _build_context() -> list[Path]:
    """Return the files that .dockerignore lets through: '*', then exceptions, then a few exclusions."""
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    allowed = {line[1:] for line in lines if line.startswith("!")}
    refused = [line for line in lines[1:] if not line.startswith("!")]
    return [
        path
        for path in files()
        if path.parts[0] in allowed and not any(path.as_posix().startswith(f"{line}/") for line in refused)
    ]


def _interpreter() -> str:
    """Return a Python that the user nobody can run too, where there is one; else the one under this environment."""
    base = Path(sys._base_executable)
    system = Path("/usr/bin/python3")
    for candidate in (base, system):
        if _reachable(candidate) and _is_usable(candidate):
            return str(candidate)
    return str(base)


def _is_usable(python: Path) -> bool:
    check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0


def _reachable(path: Path) -> bool:
    """Return whether every user may enter the directories above a file, links resolved."""
    return path.exists() and all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


@pytest.mark.slow
def test_installed_command_answers(installed):
    answer = json.loads(installed.run("icdref", "lookup", "M61.569", "--json").stdout)
    values = {parameter["name"]: parameter for parameter in answer["parameter"]}
    assert answer["resourceType"] == "Parameters"
    assert values["display"]["valueString"] == "Other ossification of muscle, unspecified lower leg"
    assert values["version"]["valueString"] == "2026-04-01"


@pytest.mark.slow
def test_installed_command_says_no_with_exit_code_1_and_a_suggestion(installed):
    result = installed.run("icdref", "lookup", "M61.56X", check=1)
    assert "M61.56" in result.stderr
    assert result.stdout == ""


@pytest.mark.slow
def test_installed_package_answers_in_process(installed):
    code = (
        "import icdref\n"
        "service = icdref.open_service()\n"
        "print(service.terminology.lookup('M61.569').concept.display)\n"
        "print(icdref.__file__)\n"
    )
    display, where = installed.run("python", "-I", "-c", code).stdout.splitlines()
    assert display == "Other ossification of muscle, unspecified lower leg"
    assert Path(where).is_relative_to(installed.prefix)


@pytest.mark.slow
def test_installed_edition_is_compiled_from_what_the_checkout_holds(installed):
    (edition,) = (installed.data / "editions").iterdir()
    manifest = json.loads((edition / "manifest.json").read_text("utf-8"))
    assert manifest["fingerprint"] == Sources.embedded().fingerprint()


@pytest.mark.slow
def test_installed_summaries_pass_their_own_check(installed):
    assert "\n0 errors" in "\n" + installed.run("icdref", "content", "check").stdout


@pytest.mark.slow
def test_installation_has_no_installer_left(installed):
    assert not list(installed.prefix.glob("lib/python*/site-packages/pip"))


@pytest.mark.slow
def test_serves_as_nobody_from_read_only_files(installed):
    """As in the container: another user, no home, nothing writable but the shared memory of the system."""
    nobody = os.geteuid() == 0 and _reachable(Path(os.path.realpath(installed.prefix / "bin" / "python")))
    options = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if nobody else {}
    environment = {"ICDREF_DATA": str(installed.data), "ICDREF_PORT": str(_free_port()), "PYTHONDONTWRITEBYTECODE": "1"}
    before = _tree(installed.prefix) | _tree(installed.data)
    log = (installed.elsewhere / "log").open("w+")
    server = subprocess.Popen(
        [installed.prefix / "bin" / "icdref", "serve"], cwd="/", env=environment, stdout=log, stderr=log, **options
    )
    try:
        health = _until_healthy(installed, environment, server, log)
        assert health["status"] in ("fresh", "stale")
        url = f"http://127.0.0.1:{environment['ICDREF_PORT']}/fhir/r4/CodeSystem/$lookup?code=M61.569"
        with urllib.request.urlopen(f"{url}&system=http://hl7.org/fhir/sid/icd-10-cm", timeout=5) as answer:
            assert b"Other ossification of muscle, unspecified lower leg" in answer.read()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        log.close()
    assert _tree(installed.prefix) | _tree(installed.data) == before, "something was written at run time"
    assert _health(installed, environment).returncode == 1, "healthy without a server"


def _health(installed: Installation, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [installed.prefix / "bin" / "python", installed.prefix / "healthcheck.py"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _until_healthy(installed, environment, server, log) -> dict[str, object]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        result = _health(installed, environment)
        if result.returncode == 0:
            return json.loads(result.stdout)
        time.sleep(0.2)
    log.seek(0)
    pytest.fail(f"not healthy: {result.stdout}\n{log.read()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in folder.rglob("*")}


def test_every_command_of_the_dockerfile_is_the_tested_script():
    text = (ROOT / "Dockerfile").read_text("utf-8")
    commands = re.findall(r"^RUN (.*)$", text, re.MULTILINE)
    assert commands == ["/src/deploy/build-image.sh /opt/icdref /var/lib/icdref"]
    assert re.search(r"^ARG BASE=\S+:\d+\.\d+\.\d+-\S+@sha256:[0-9a-f]{64}$", text, re.MULTILINE), "pin the base"
    assert "USER 65534:65534" in text
    assert '"/opt/icdref/healthcheck.py"' in text
