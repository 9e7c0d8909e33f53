"""Reads the curated content: condition summaries, their patient texts and the sources they cite.

The directory holds `conditions/<id>.toml`, `conditions/<id>.patient.<language>.md` and `sources.toml`; it may be an
operator's. Reading checks structure only (rules 1 to 4 of docs/reference/content-check.md); what the content says is
checked by the compiler. Nothing here reads the clock or the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from icdref.importers import condition_keys as keys
from icdref.importers.faults import ContentError, Fault, shown
from icdref.importers.patient_text import read_patient_text
from icdref.importers.sources import read_sources
from icdref.importers.tables import Faults, read_table
from icdref.importers.toml_files import read_toml
from icdref.model import (
    CodeBinding,
    ConditionForm,
    ConditionSummary,
    Conflict,
    PatientText,
    Person,
    Relation,
    RetiredStatement,
    Review,
    SeedLink,
    Source,
    SourceAttributes,
    Staging,
    StagingClass,
    Statement,
    Synonym,
    Window,
)
from icdref.records import from_record, to_record

__all__ = [
    "ConditionLibrary",
    "ContentError",
    "Fault",
    "from_record",
    "inspect_conditions",
    "read_conditions",
    "to_record",
    "to_statement",
]

_PATIENT_FILE = re.compile(r"(?P<id>[^.]+)\.patient\.(?P<language>[a-z]{2})\.md")


@dataclass(frozen=True, slots=True)
class ConditionLibrary:
    """All curated content: the summaries in the order of their ids, and every source, cited or not."""

    summaries: tuple[ConditionSummary, ...]
    sources: tuple[Source, ...]


def read_conditions(directory: Path) -> ConditionLibrary:
    """Return the content of a directory. Raises ContentError with every structural fault when there is any."""
    library, faults = inspect_conditions(directory)
    if library is None:
        raise ContentError(faults)
    return library


def inspect_conditions(directory: Path) -> tuple[ConditionLibrary | None, tuple[Fault, ...]]:
    """Return the content of a directory and its structural faults; no content when there is any fault."""
    found: list[Fault] = []
    sources = _read_sources(directory, found)
    texts: dict[str, list[PatientText]] = {}
    summaries: list[ConditionSummary] = []
    files = tuple(_files(directory, found))
    for path in files:
        faults = Faults(f"conditions/{path.name}")
        if path.suffix == ".md":
            _add_patient_text(path, texts, faults)
        else:
            summaries += _read_summary(path, faults)
        found += faults.found
    found += _texts_without_summary(texts, {path.stem for path in files if path.suffix == ".toml"})
    if found:
        return None, tuple(found)
    known = {source.id: source for source in sources}
    complete = (_complete(summary, texts.get(summary.id, ()), known) for summary in summaries)
    return ConditionLibrary(tuple(sorted(complete, key=lambda summary: summary.id)), sources), ()


def _read_sources(directory: Path, found: list[Fault]) -> tuple[Source, ...]:
    faults = Faults("sources.toml")
    sources = read_sources(directory / "sources.toml", faults)
    found += faults.found
    return sources


def _files(directory: Path, found: list[Fault]) -> Iterator[Path]:
    """Yield the files of `conditions/` by name, leaving out hidden ones; a file that is neither kind becomes a fault."""
    folder = directory / "conditions"
    if not folder.is_dir():
        found.append(Fault("conditions", "", "", "the folder is missing", "add one TOML file per condition", rule=1))
        return
    for path in sorted(folder.iterdir()):
        if path.suffix == ".toml" or _PATIENT_FILE.fullmatch(path.name):
            yield path
        elif not path.name.startswith("."):
            message = "is neither a summary nor a patient text"
            fix = "name it <id>.toml or <id>.patient.<language>.md, or move it elsewhere"
            found.append(Fault(f"conditions/{path.name}", "", path.name, message, fix, rule=2))


def _read_summary(path: Path, faults: Faults) -> tuple[ConditionSummary, ...]:
    """Return the one summary of a file, or nothing when any fault was found."""
    raw = read_toml(path, faults)
    table = {} if raw is None else read_table(raw, keys.SUMMARY, faults)
    if "id" in table and table["id"] != path.stem:
        message = f"id {shown(table['id'])} is not the name of the file"
        faults.add("id", table["id"], message, f'id = "{path.stem}", or rename the file', rule=2)
    if "title" in table and "language" in table and table["language"] not in table["title"]:
        message = f"there is no title in the language of the summary, {shown(table['language'])}"
        faults.add("title", table["language"], message, f"add title.{table['language']}", rule=3)
    return () if faults.found else (_summary(table),)


def _add_patient_text(path: Path, texts: dict[str, list[PatientText]], faults: Faults) -> None:
    text = read_patient_text(path, faults)
    name = _PATIENT_FILE.fullmatch(path.name)
    if text is None or name is None:
        return
    for key, value in (("summary", text.summary), ("language", text.language)):
        right = name["id"] if key == "summary" else name["language"]
        if value != right:
            faults.add(key, value, f"{key} {shown(value)} is not that of the file name", f'{key} = "{right}"', rule=16)
    texts.setdefault(name["id"], []).append(text)


def _texts_without_summary(texts: Mapping[str, list[PatientText]], written: Set[str]) -> Iterator[Fault]:
    for identifier in sorted(texts.keys() - written):
        for text in texts[identifier]:
            file = f"conditions/{identifier}.patient.{text.language}.md"
            yield Fault(file, "", identifier, "there is no summary for this text", f"add conditions/{identifier}.toml", rule=16)


def _complete(summary: ConditionSummary, texts: Iterable[PatientText], known: Mapping[str, Source]) -> ConditionSummary:
    cited = dict.fromkeys(
        source for section in keys.WRITTEN_SECTIONS for statement in summary.in_section(section) for source in statement.sources
    )
    cited.update(dict.fromkeys(source for staging in summary.stagings for source in staging.sources))
    return replace(
        summary,
        patient_texts=tuple(sorted(texts, key=lambda text: text.language)),
        sources=tuple(known[source] for source in cited if source in known),
    )


def _summary(table: dict[str, Any]) -> ConditionSummary:
    return ConditionSummary(
        id=table["id"],
        version=table["version"],
        status=table["status"],
        language=table["language"],
        title=table["title"],
        synonyms=tuple(Synonym(row["text"], row["kind"], row.get("lang", table["language"])) for row in table["synonym"]),
        codes=tuple(CodeBinding(**row) for row in table["code"]),
        relations=tuple(Relation(**row) for row in table.get("relation", ())),
        statements=tuple(to_statement(row) for row in table["statement"]),
        stagings=tuple(_staging(row) for row in table.get("staging", ())),
        review=_review(table["review"]),
        attributes=SourceAttributes(**table["dsi"]),
        licence=table["licence"]["text"],
        code_licence=table["licence"]["code_text"],
        sections_without_source=table.get("sections_without_source", ()),
        retired=tuple(RetiredStatement(**row) for row in table.get("retired", ())),
        replaced_by=table.get("replaced_by", ""),
    )


def to_statement(row: Mapping[str, Any]) -> Statement:
    """Return the statement of a table that has been read against `condition_keys.STATEMENT`."""
    parts: dict[str, Any] = {"seeds": tuple(SeedLink(**link) for link in row.get("seeds", ()))}
    if "window" in row:
        parts["window"] = Window(**row["window"])
    if "conflict" in row:
        parts["conflict"] = Conflict(**row["conflict"])
    if "form" in row:
        parts["form"] = ConditionForm(**row["form"])
    return Statement(**{**row, **parts})


def _staging(row: dict[str, Any]) -> Staging:
    return Staging(**{**row, "classes": tuple(StagingClass(**each) for each in row["classes"])})


def _review(row: dict[str, Any]) -> Review:
    people = {key: tuple(Person(**person) for person in row[key]) for key in ("authors", "reviewers")}
    return Review(**{**row, **people})
