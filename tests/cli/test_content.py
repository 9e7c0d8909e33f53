from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from icdref.cli import cli
from icdref.compiler.content.schema import SCHEMAS, to_file
from icdref.importers.conditions import read_conditions
from icdref.issues import IcdRefError
from tests.checkout import ROOT

FIXTURES = ROOT / "fixtures"
NAME = "myositis-ossificans-traumatica"


@pytest.fixture
def run(full, tmp_path, monkeypatch):
    """Return a function that runs a command on a copy of the data directory; nothing shared is written to."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(full.data / "CURRENT", data / "CURRENT")
    (data / "editions").symlink_to(full.data / "editions")
    monkeypatch.setenv("ICDREF_DATA", str(data))
    monkeypatch.setenv("COLUMNS", "100000")

    def runner(*arguments, code=0):
        result = CliRunner().invoke(cli, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    return runner


# --- withdraw --------------------------------------------------------------------------------------------------------


def test_a_statement_is_withdrawn_listed_and_restored(run):
    text = json.loads(run("content", "show", "mot.def.1", "--json"))["text"]
    before = run("summary", "M61.051")
    assert text in before
    assert "is withdrawn (serial 1)" in run("content", "withdraw", "mot.def.1", "--reason", "a better source says otherwise")
    after = run("summary", "M61.051")
    assert "withdrawn for safety" in after
    assert text not in after
    listed = json.loads(run("content", "withdrawals", "--json"))
    assert listed["withdrawn"] == ["mot.def.1"]
    (event,) = listed["events"]
    assert event["reason"] == "a better source says otherwise"
    assert event["at"].endswith("Z")
    assert event["by"]
    run("content", "restore", "mot.def.1", "--reason", "checked")
    assert run("summary", "M61.051") == before
    assert "0 statements are withdrawn (serial 2)" in run("content", "withdrawals")
    assert [line["action"] for line in json.loads(run("codeset", "audit", "--json"))] == ["withdraw", "restore"]


def test_an_unknown_statement_and_a_second_withdrawal_are_refused(run):
    with pytest.raises(IcdRefError, match=r"did you mean.*mot\.def\.1"):
        run("content", "withdraw", "mot.def.11", "--reason", "x")
    run("content", "withdraw", "mot.def.1", "--reason", "x")
    with pytest.raises(IcdRefError, match="is withdrawn already"):
        run("content", "withdraw", "mot.def.1", "--reason", "x")
    with pytest.raises(IcdRefError, match="is not withdrawn"):
        run("content", "restore", "mot.def.2", "--reason", "x")


def test_a_reason_is_asked_for(run):
    assert "--reason" in run("content", "withdraw", "mot.def.1", code=2)
    assert "say why" in run("content", "withdraw", "mot.def.1", "--reason", "  ", code=2)


# --- show, new, diff -------------------------------------------------------------------------------------------------


def test_show_has_everything_that_an_editor_needs(run):
    shown = run("content", "show", NAME)
    for part in ("citation:", "developer:", "funding:", "sdoh: not used", "status: draft", "mot.red.1 [D] red-flags:"):
        assert part in shown, part
    statement = json.loads(run("content", "show", "mot.def.1", "--json"))
    assert statement["summary"] == NAME
    assert statement["claims"]


def test_what_is_withheld_is_shown_to_editors_alone_and_marked(run):
    assert "WITHHELD" not in run("content", "show", NAME)
    shown = run("content", "show", NAME, "--withheld")
    assert "WITHHELD, not to be served" in shown
    assert "mot.dx.90 [X]" in shown
    run("content", "show", "mot.dx.90", code=1)
    assert "WITHHELD: not to be served" in run("content", "show", "mot.dx.90", "--withheld")


def test_every_claim_of_the_seed_pages_has_an_answer_or_a_reason_and_none_is_open(run):
    rows = json.loads(run("content", "claims", "--json"))
    assert len(rows) == 75
    assert {row["state"] for row in rows} == {"answered", "withheld", "answered, the claim itself withheld"}
    unsafe = [row for row in rows if row["verdict"] == "wrong-unsafe"]
    assert len(unsafe) >= 5
    assert all(row["reason"].startswith("Reason: ") for row in unsafe)
    assert "75 claims: 0 open" in run("content", "claims")
    assert "0 claims" in run("content", "claims", "--open")
    assert "5 claims" not in run("content", "claims", "--verdict", "wrong-unsafe", "--seed", "seed-001").splitlines()[0]


def test_an_open_claim_is_named_and_ends_with_1(run, tmp_path):
    directory = tmp_path / "content"
    shutil.copytree(FIXTURES, directory)
    register = directory / "quarantine" / "seed-claims.tsv"
    row = register.read_text("utf-8").splitlines()[1].split("\t")
    row[0] = "0.99"
    register.write_text(register.read_text("utf-8") + "\t".join(row) + "\n", "utf-8")
    shown = run("content", "claims", "--open", "--directory", str(directory), code=1)
    assert "0.99" in shown
    assert "1 claims: 1 open" in shown


def test_a_new_summary_reads_and_the_check_says_what_is_missing(run, tmp_path):
    directory = tmp_path / "content"
    (directory / "conditions").mkdir(parents=True)
    shutil.copy(FIXTURES / "sources.toml", directory / "sources.toml")
    options = ("--title", "Muscle strain", "--code", "M62.6", "--prefix", "mst", "--directory", str(directory))
    run("content", "new", "muscle-strain", *options)
    (summary,) = read_conditions(directory).summaries
    assert (summary.id, summary.status) == ("muscle-strain", "draft")
    checked = run("content", "check", str(directory), code=1)
    assert "red-flags" in checked
    assert "never-do" in checked
    assert "exists already" in run("content", "new", "muscle-strain", *options, code=2)
    assert "small letters" in run("content", "new", "Muscle Strain", *options, code=2)


def test_a_change_to_one_claim_is_one_change(run, tmp_path):
    changed = tmp_path / "changed"
    shutil.copytree(FIXTURES / "conditions", changed / "conditions")
    file = changed / "conditions" / f"{NAME}.toml"
    text = file.read_text("utf-8")
    (line,) = [each for each in text.splitlines() if each.startswith("text") and each in text.split('"mot.def.1"')[1][:400]][:1]
    file.write_text(text.replace(line, 'text    = "Something else."', 1), "utf-8")
    (change,) = json.loads(run("content", "diff", str(FIXTURES), str(changed), "--json", code=1))
    assert (change["summary"], change["statement"], change["what"]) == (NAME, "mot.def.1", "text changed")
    assert change["after"] == "Something else."
    assert run("content", "diff", str(FIXTURES), str(changed), "ossified-intramuscular-hematoma") == ""
    assert run("content", "diff", str(FIXTURES), str(FIXTURES)) == ""


def test_added_and_removed_statements_are_named(run, tmp_path):
    one, two = tmp_path / "a.toml", tmp_path / "b"
    one.write_text('[[statement]]\nid = "x.def.1"\nsection = "definition"\ntext = "Old."\n', "utf-8")
    two.mkdir()
    (two / "a.toml").write_text('[[statement]]\nid = "x.def.2"\nsection = "definition"\ntext = "New."\n', "utf-8")
    said = run("content", "diff", str(one), str(two), code=1)
    assert "x.def.2: added to definition\n  + New." in said
    assert "x.def.1: removed from definition\n  - Old." in said


def test_a_git_revision_can_be_compared(run, tmp_path, monkeypatch):
    if shutil.which("git") is None:
        pytest.skip("git is not here")
    repository = tmp_path / "repository"
    folder = repository / "fixtures" / "conditions"
    folder.mkdir(parents=True)
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    settings = ("-c", "user.name=t", "-c", "user.email=t@example.org")

    def git(*arguments):
        subprocess.run(["git", "-C", str(repository), *settings, *arguments], check=True, capture_output=True, env=environment)

    (folder / "a.toml").write_text('[[statement]]\nid = "x.def.1"\ntext = "Old."\n', "utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    (folder / "a.toml").write_text('[[statement]]\nid = "x.def.1"\ntext = "New."\n', "utf-8")
    monkeypatch.chdir(repository)
    said = run("content", "diff", "HEAD", "fixtures", code=1)
    assert said == "x.def.1: text changed\n  - Old.\n  + New.\n"
    assert "no folder, file or git revision" in run("content", "diff", "no-such-revision", "fixtures", code=2)


# --- coverage, compare -----------------------------------------------------------------------------------------------


def test_coverage_accounts_for_every_billable_code(run):
    found = json.loads(run("content", "coverage", "--json"))
    assert found["total"]["billable"] == 74_719
    assert (found["total"]["own"], found["total"]["inherited"]) == (1, 153)
    assert sum(chapter["billable"] for chapter in found["chapters"].values()) == 74_719
    assert len(found["chapters"]) == 22
    assert "card only" in run("content", "coverage", "--by-chapter")


def test_compare_prints_the_conditions_side_by_side(run):
    shown = run("compare", "M61.05", "M61.25", "M61.58")
    assert shown.index("Red flags") < shown.index("What tells them apart") < shown.index("Definition")
    assert "Draft: written by the software's authors" in shown
    made = json.loads(run("compare", "M61.05", "M61.25", "--json"))
    assert made["entry"][0]["resource"]["type"]["coding"][0]["code"] == "comparison"


# --- what holds for the files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "file"), [("summary", "condition-summary"), ("sources", "sources")])
def test_the_schema_for_editors_is_current(name, file):
    assert name in SCHEMAS
    assert (FIXTURES / "schema" / f"{file}.schema.json").read_text("utf-8") == to_file(name)


def test_every_released_statement_is_on_the_list_and_still_there():
    rows = [line.split("\t") for line in (FIXTURES / "released-statements.tsv").read_text("utf-8").splitlines()[1:]]
    assert sum(version == "0.1.0" for _, version in rows) == 260
    released = {identifier for identifier, _ in rows}
    summaries = read_conditions(FIXTURES).summaries
    here = {each.id for summary in summaries for each in summary.statements}
    retired = {each.id for summary in summaries for each in summary.retired}
    assert len(released) == len(rows)
    assert released <= here | retired


def test_a_lost_statement_is_an_error_of_the_check(run, tmp_path):
    directory = tmp_path / "content"
    shutil.copytree(FIXTURES, directory)
    list_of_ids = directory / "released-statements.tsv"
    list_of_ids.write_text(list_of_ids.read_text("utf-8") + "mot.def.77\t0.1.0\n", "utf-8")
    assert 'mot.def.77: statement "mot.def.77", released in 0.1.0, is gone' in run("content", "check", str(directory), code=1)


# --- release ---------------------------------------------------------------------------------------------------------


def test_a_version_is_released_once_and_a_changed_text_is_refused(run, tmp_path):
    folder = tmp_path / "fixtures"
    shutil.copytree(FIXTURES, folder)
    version = next(each.version for each in read_conditions(folder).summaries if each.id == NAME)
    shutil.rmtree(folder / "released")
    assert run("content", "release", NAME, "--directory", str(folder)) == f"{NAME} {version} is released\n"
    assert [path.name for path in (folder / "released" / NAME).iterdir()] == [version]
    assert "was released before" in run("content", "release", NAME, "--directory", str(folder))
    assert "there is no summary nobody" in run("content", "release", "nobody", "--directory", str(folder), code=2)
