"""The documentation is true: generated pages are current, links lead somewhere, commands exist, shown answers are real."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
from click.testing import CliRunner

import icdref
from icdref.cli import cli
from icdref.cli.lazy import commands_of
from icdref.config import Settings, describe
from icdref.service.live import LiveService
from tests.checkout import ROOT, files
from tests.conftest import TODAY

_PAGES = [path for path in files() if path.suffix == ".md" and (path.parts[0] == "docs" or len(path.parts) == 1)]
_EDITION = re.compile(r"/editions/[0-9a-f]{12}")


def _text(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")


def _generator():
    spec = importlib.util.spec_from_file_location("icdref_docs", ROOT / "tools" / "docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- generated pages --------------------------------------------------------------------------------------------------


def test_generated_pages_are_current():
    assert _generator().outdated() == [], "run `make docs`"


def test_every_setting_is_in_the_reference():
    page = _text(Path("docs/reference/settings.md"))
    for name, default, unit, meaning in describe():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` "))
        assert unit in row
        assert meaning in row
        assert not default or f"`{default}`" in row


def test_every_command_and_option_is_in_the_reference():
    page = _text(Path("docs/reference/cli.md"))
    for path, command in _commands(cli, "icdref"):
        assert f"\n## {path}\n" in page
        for parameter in command.params:
            assert parameter.opts[-1] in page or isinstance(parameter, click.Argument)


def test_every_command_and_option_has_a_help_text():
    for path, command in _commands(cli, "icdref"):
        assert command.help, path
        for parameter in command.params:
            assert isinstance(parameter, click.Argument) or parameter.help, f"{path} {parameter.name}"


def _commands(group: click.Group, path: str) -> list[tuple[str, click.Command]]:
    found = []
    for name, command in commands_of(group).items():
        inner = f"{path} {name}"
        found += _commands(command, inner) if isinstance(command, click.Group) else [(inner, command)]
    return found


# --- links ------------------------------------------------------------------------------------------------------------


def _links(page: Path) -> list[str]:
    without_code = re.sub(r"```.*?```|`[^`\n]*`", "", _text(page), flags=re.DOTALL)
    return re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", without_code)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_to_files_that_are_committed():
    committed = {ROOT / path for path in files()} | {ROOT / parent for path in files() for parent in path.parents}
    broken = []
    for page in _PAGES:
        for link in _links(page):
            target = urlsplit(link)
            if target.scheme:
                assert target.scheme == "https", f"{page}: {link}"
                continue
            path = (ROOT / page).parent / target.path if target.path else ROOT / page
            if path.resolve() not in committed or (target.fragment and target.fragment not in _anchors(path.resolve())):
                broken.append(f"{page}: {link}")
    assert not broken


def test_every_page_can_be_reached_from_the_readme():
    reached, ahead = set(), [Path("README.md")]
    while ahead:
        page = ahead.pop()
        if page in reached:
            continue
        reached.add(page)
        for link in _links(page):
            path = ((ROOT / page).parent / urlsplit(link).path).resolve()
            if path.is_dir() and path.is_relative_to(ROOT):
                ahead += [each.relative_to(ROOT) for each in path.glob("*.md")]
            elif path.suffix == ".md" and path.is_file():
                ahead.append(path.relative_to(ROOT))
    assert set(_PAGES) <= reached, f"link them: {sorted(map(str, set(_PAGES) - reached))}"


# --- commands ---------------------------------------------------------------------------------------------------------


def _shell_lines(page: Path) -> list[str]:
    """Return the commands of a page: indented blocks and fenced blocks that are not Python, without prompts."""
    text = _text(page)
    fenced = re.findall(r"```(?:console|sh|shell)?\n(.*?)```", text, re.DOTALL)
    indented = re.findall(r"(?:^|\n)((?: {4,}[^\n]+\n)+)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [line.strip().removeprefix("$ ") for block in (*fenced, *indented) for line in block.splitlines()]


def test_make_targets_that_are_named_exist():
    targets = set(re.findall(r"^([a-z][a-z-]*):", _text(Path("Makefile")), re.MULTILINE))
    for page in _PAGES:
        named = {line.split()[1] for line in _shell_lines(page) if re.match(r"make [a-z]", line)}
        named |= set(re.findall(r"`(?:\w+=\S+ )*make ([a-z-]+)", _text(page)))
        assert named <= targets, f"{page}: {named - targets}"


def test_readme_names_the_two_commands():
    assert {"make serve", "make test"} <= set(_shell_lines(Path("README.md")))


def test_ci_runs_the_test_command_of_the_readme():
    assert _text(Path(".ci/run")).rstrip().endswith("exec make test")


def test_icdref_commands_that_are_shown_are_valid():
    shown = 0
    for page in _PAGES:
        for line in _shell_lines(page):
            found = re.match(r"(?:[\w./]*/)?icdref ((?!COMMAND).*)", line.split("  #")[0])
            if not found or page == Path("docs/reference/cli.md"):
                continue
            arguments = shlex.split(found[1])
            command: click.Command = cli
            while isinstance(command, click.Group):
                assert arguments, f"{page}: {line}"
                assert arguments[0] in commands_of(command), f"{page}: {line}"
                command = commands_of(command)[arguments.pop(0)]
            with suppress(click.BadParameter):  # a file of the example is not here; a wrong option is another error
                command.make_context(line, arguments)
            shown += 1
    assert shown > 10


def test_environment_variables_that_are_named_are_settings():
    known = {name for name, *_ in describe()}
    for page in _PAGES:
        unknown = set(re.findall(r"\bICDREF_[A-Z_]+[A-Z]\b", _text(page))) - known
        assert not unknown, f"{page}: {unknown}"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["lookup", "M61.569"], 0), (["lookup", "M61.56Y"], 1), (["lookup"], 2), (["nothing"], 2)],
)
@pytest.mark.slow
def test_exit_codes_are_as_documented(data, arguments, code):
    result = CliRunner().invoke(cli, arguments, env={"ICDREF_DATA": str(data)})
    assert result.exit_code == code
    assert f"| {code} | " in _text(Path("docs/reference/cli.md"))


# --- answers that are shown -------------------------------------------------------------------------------------------


_WRITTEN_ON = TODAY
"""The day on which the shown answers were given: some say more once a release, a map or a summary has ended."""


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setattr(LiveService.__init__, "__defaults__", (lambda: _WRITTEN_ON,))


@pytest.fixture
def data(full):
    """Return a data directory with the embedded edition."""
    return full.data


def _shown(page: Path, prompt: str) -> tuple[str, str]:
    """Return the command that begins with `prompt` and the answer below it."""
    block = next(
        block for block in re.findall(r"```console\n(.*?)```", _text(page), re.DOTALL) if block.startswith(f"$ {prompt}")
    )
    command, _, answer = block[2:].partition("\n")
    return command, answer


@pytest.mark.slow
def test_first_query_of_the_readme_has_the_answer_that_is_shown(data):
    command, shown = _shown(Path("README.md"), "curl")
    url = urlsplit(shlex.split(command)[1])
    assert url.netloc == "127.0.0.1:8080"
    client = icdref.create_app(Settings(data=str(data), scrub_seconds=0)).test_client()
    answer = client.get(f"{url.path}?{url.query}")
    assert answer.status_code == 200
    masked = [_EDITION.sub("/editions/x", text) for text in (shown, answer.get_data(as_text=True))]
    assert json.loads(masked[0]) == json.loads(masked[1])


@pytest.mark.slow
def test_lines_of_the_readme_stand_in_the_output(data):
    command, shown = _shown(Path("README.md"), ".venv/bin/icdref")
    result = CliRunner().invoke(cli, shlex.split(command)[1:], env={"ICDREF_DATA": str(data), "COLUMNS": "200"})
    assert result.exit_code == 0
    rest = result.output
    for line in shown.splitlines():
        if line == "…":
            continue
        assert line in rest, f"not in the output, or not there: {line}"
        rest = rest.split(line, 1)[1]


@pytest.mark.slow
def test_figures_of_the_readme_are_those_of_the_edition(data):
    result = CliRunner().invoke(cli, ["codeset", "list", "--json"], env={"ICDREF_DATA": str(data)})
    (edition,) = json.loads(result.output)
    (release,) = edition["releases"]
    text = _text(Path("README.md"))
    for figure in (f"{release['codes']:,}", f"{release['billable']:,}", str(len(edition["summaries"]))):
        assert f"| {figure} |" in text, f"{figure} is not in the table of the README"


@pytest.mark.slow
@pytest.mark.parametrize("page", ["docs/quickstart.md", "README.md"])
def test_addresses_that_are_shown_are_served(data, page):
    client = icdref.create_app(Settings(data=str(data), scrub_seconds=0)).test_client()
    urls = re.findall(r"http://127\.0\.0\.1:8080(/[^\s'`]+)", _text(Path(page)))
    assert urls
    for url in urls:
        if url != "/metrics":  # counted by the front of `icdref serve`, not by the application
            assert client.get(url).status_code == 200, url


@pytest.mark.slow
@pytest.mark.parametrize("page", ["docs/quickstart.md", "docs/howto/plug-into-a-flask-host.md"])
def test_python_that_is_shown_runs(data, page, monkeypatch, capsys):
    monkeypatch.setenv("ICDREF_DATA", str(data))
    blocks = re.findall(r"```python\n(.*?)```", _text(Path(page)), re.DOTALL)
    assert blocks
    for block in blocks:
        source = block.replace("/srv/icdref", str(data))
        if "flask.Flask" not in source and "register(app" in source:
            source = f"import flask\napp = flask.Flask('host')\n{source}"
        exec(compile(f"import icdref\n{source}", page, "exec"), {"__name__": "shown"})
    if page == "docs/quickstart.md":
        assert "Other ossification of muscle, unspecified lower leg True 2026-04-01" in capsys.readouterr().out
