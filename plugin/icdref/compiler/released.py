"""Released versions of condition summaries: kept as the files were, so that a version once served can be read again.

`fixtures/released/<id>/<version>/` is a content directory of its own: the summary, its patient texts, and of the sources
those that it cites. What stands there never changes. A content directory without the folder has no former versions.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from icdref.importers.conditions import read_conditions
from icdref.importers.errors import ImportFault
from icdref.model import ConditionSummary

FOLDER = "released"
STATEMENTS = "released-statements.tsv"

_SOURCE = re.compile(r"(?m)^(?=\[\[source\]\])")
_SOURCE_ID = re.compile(r"(?m)^id\s*=\s*\"([^\"]+)\"")


def read_released(fixtures: Path) -> tuple[ConditionSummary, ...]:
    """Return every released version of every summary, by id and oldest first.

    Raises ImportFault where a folder does not hold the version that it is named after, ContentError for a broken file.
    """
    found = [_read(folder) for folder in sorted((fixtures / FOLDER).glob("*/*")) if folder.is_dir()]
    return tuple(sorted(found, key=lambda each: (each.id, to_order(each.version))))


def to_order(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by.

    >>> to_order("0.10.0") > to_order("0.9.1")
    True
    """
    return tuple(int(number) for number in re.findall(r"[0-9]+", version))


def release(fixtures: Path, summary: ConditionSummary) -> Path | None:
    """Keep a summary as it stands as a released version and return its folder, None where that version is kept already.

    The ids of its statements are added to the list of released ids. Raises ImportFault when the version was released with
    another content: what is released never changes.
    """
    folder = fixtures / FOLDER / summary.id / summary.version
    if folder.is_dir():
        if _read(folder) != summary:
            raise ImportFault(f"{summary.id}.toml", 0, f"differs from its released version {summary.version}: raise the version")
        return None
    unfinished = folder.with_name(f".{summary.version}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "conditions").mkdir(parents=True)
    for path in sorted((fixtures / "conditions").glob(f"{summary.id}.*")):
        shutil.copyfile(path, unfinished / "conditions" / path.name)
    (unfinished / "sources.toml").write_text(_cited(fixtures / "sources.toml", {each.id for each in summary.sources}), "utf-8")
    unfinished.rename(folder)
    _list_statements(fixtures / STATEMENTS, summary)
    return folder


def _read(folder: Path) -> ConditionSummary:
    summaries = read_conditions(folder).summaries
    named = [(each.id, each.version) for each in summaries]
    if named != [(folder.parent.name, folder.name)]:
        holds = ", ".join(f"{identifier} {version}" for identifier, version in named) or "nothing"
        raise ImportFault(f"{FOLDER}/{folder.parent.name}/{folder.name}", 0, f"holds {holds}: a released folder is never edited")
    return summaries[0]


def _cited(sources: Path, wanted: set[str]) -> str:
    """Return the text of a file of sources with only some of them."""
    head, *blocks = _SOURCE.split(sources.read_text("utf-8"))
    kept = [block for block in blocks if (found := _SOURCE_ID.search(block)) and found[1] in wanted]
    return head + "".join(kept)


def _list_statements(path: Path, summary: ConditionSummary) -> None:
    text = path.read_text("utf-8") if path.is_file() else "id\tversion\n"
    head, *rows = text.splitlines()
    known = {row.split("\t")[0] for row in rows}
    rows += [f"{each.id}\t{summary.version}" for each in summary.statements if each.id not in known]
    path.write_text("\n".join([head, *sorted(rows)]) + "\n", "utf-8")
