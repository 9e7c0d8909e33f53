"""`icdref codeset …` and `icdref remap` as a user types them, on the vendored release."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from icdref.cli import cli
from icdref.importers.errors import ImportFault

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(full, tmp_path_factory):
    """Run a command on a copy of the vendored edition and return its result."""
    data = tmp_path_factory.mktemp("cli") / "data"
    shutil.copytree(full.data, data)

    def invoke(*arguments):
        return CliRunner().invoke(cli, [str(each) for each in arguments], env={"ICDREF_DATA": str(data), "COLUMNS": "200"})

    return invoke


def test_a_difference_to_the_year_that_is_not_installed_says_so(run):
    result = run("codeset", "diff", "2026", "2027")
    assert result.exit_code == 0
    assert "not installed: compared by the validity table" in result.stdout
    assert "New billable codes: 190" in result.stdout


def test_a_difference_can_be_looked_at_in_an_edition_that_is_not_current(run, full):
    there = run("codeset", "diff", "2026", "2027", "--json", "--edition", full.edition.id)
    assert there.stdout == run("codeset", "diff", "2026", "2027", "--json").stdout
    assert run("codeset", "diff", "2026", "2027", "--edition", "0" * 12).exit_code != 0


def test_the_forms_of_a_difference_agree(run):
    found = json.loads(run("codeset", "diff", "2026", "2027", "--json").stdout)
    assert (found["counts"]["added"], found["counts"]["deleted"], len(found["became_header"])) == (190, 30, 15)
    rows = run("codeset", "diff", "2026", "2027", "--csv").stdout.splitlines()
    assert len(rows) - 1 == 190 + 30
    resource = json.loads(run("codeset", "diff", "2026", "2027", "--fhir").stdout)
    assert len(resource["group"][0]["element"]) == 30
    assert run("codeset", "diff", "2026", "2027", "--html").stdout.startswith("<!DOCTYPE html>")


def test_a_release_that_is_nothing_is_refused_with_those_there_are(run):
    result = run("codeset", "diff", "2026", "1999")
    assert result.exit_code != 0
    assert "2026-04-01" in str(result.exception)


def test_a_text_file_is_not_imported(run, tmp_path):
    path = tmp_path / "readme.txt"
    path.write_text("Thank you for your interest.\n")
    result = run("codeset", "import", path)
    assert isinstance(result.exception, ImportFault)
    assert "only documentation was found" in str(result.exception)
    assert "Nothing was imported" in run("codeset", "imports").stdout


def test_a_local_code_system_is_kept_listed_and_part_of_the_next_edition(run, tmp_path, full):
    path = tmp_path / "local.json"
    concept = [{"code": "a"}]
    path.write_text(
        json.dumps({"resourceType": "CodeSystem", "url": "urn:x", "status": "active", "content": "complete", "concept": concept})
    )
    done = json.loads(run("codeset", "import", path, "--json").stdout)
    assert (done["edition"] != full.edition.id, len(done["imported"])) == (True, 1)
    listed = json.loads(run("codeset", "imports", "--verify", "--json").stdout)
    assert [(each["system"], each["url"], each["fault"]) for each in listed] == [("fhir", "urn:x", "")]
    assert json.loads(run("codeset", "audit", "--json").stdout)[0]["action"] == "import"


def test_remap_reports_its_shards(run, tmp_path):
    pytest.importorskip("duckdb")
    source = tmp_path / "in.csv"
    source.write_text("code\nM61.569\nI42.0\n")
    result = run("remap", source, "-o", tmp_path / "out.csv", "--to", "2027", "--json")
    assert json.loads(result.stdout)[0]["rows"] == 2
    said = (tmp_path / "out.csv").read_text()
    assert "other-ossification-of-muscle" in said or "other-calcification-of-muscle" in said
    assert "2026-10-01" in said


def test_an_export_has_the_table_that_another_engine_needs_to_remap(run, tmp_path):
    pytest.importorskip("duckdb")
    written = json.loads(run("codeset", "export", tmp_path / "out", "--to", "2027", "--json").stdout)
    rows = {each["file"]: each["rows"] for each in written}
    assert rows["remap-2026-10-01.parquet"] > rows["validity.parquet"] > 75_000
    assert sorted(rows) == sorted(path.name for path in (tmp_path / "out").iterdir())


def test_prune_says_what_it_would_remove(run):
    assert run("codeset", "prune", "--dry-run").stdout == "Nothing to remove.\n"
