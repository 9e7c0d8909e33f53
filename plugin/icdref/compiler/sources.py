"""What goes into an edition: the vendored code sets and summaries, and what an operator imported beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Final

from icdref import codes
from icdref.compiler.imports import Imported, imported
from icdref.compiler.parsed import Parsed
from icdref.compiler.released import read_released
from icdref.importers import conversion, conversion_table, gem, icd10cm_tabular, index_xml, order, recognise, release_files
from icdref.importers.conditions import ConditionLibrary, read_conditions
from icdref.importers.errors import ImportFault
from icdref.importers.lay_terms import COMMONNESS_FILE, TERMS_FILE, read_commonness, read_lay_terms
from icdref.importers.validity import HORIZON, read_validity
from icdref.model import (
    Commonness,
    Concept,
    ConceptMapping,
    ConditionSummary,
    Kind,
    LayTerm,
    Release,
    SourceFile,
    Successor,
    Validity,
)

SYSTEM: Final = "icd-10-cm"
"""The folder of ICD-10-CM, below `codesets/` and below `imports/`."""

FHIR_SYSTEM: Final = "fhir"
"""The folder of FHIR resources below `imports/`."""

_NOT_COMPILED = frozenset({"quarantine", "exchanges", "schema"})
"""Folders that hold nothing an edition is made of."""

_COMPILED = frozenset(
    {
        recognise.TABULAR,
        recognise.ORDER,
        recognise.CONVERSION,
        recognise.GEM_FROM_TEN,
        recognise.GEM_FROM_NINE,
        recognise.INDEX,
    }
)
"""What editions are compiled from; other imports are kept and listed, and change no edition."""

VENDORED_GEM: Final = "2013"
"""The edition of the general equivalence mappings that the package carries."""

Progress = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0 to 1."""


def vendored(name: str) -> Path:
    """Return the folder of data that the package carries: codesets or fixtures."""
    return Path(str(resources.files("icdref"))) / name


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """Where the files of one release lie: its description, and each content with its folder and file."""

    release: Release
    files: dict[str, tuple[Path, SourceFile]]
    parsed: Parsed

    def read(self) -> tuple[Release, tuple[Concept, ...]]:
        """Return the release with its concepts, from the tabular list where there is one, else from the order file."""
        if recognise.TABULAR in self.files:
            folder, file = self.files[recognise.TABULAR]
            content = release_files.read_content(folder, file)
            tabular = self.parsed.take(content)
            if not isinstance(tabular, icd10cm_tabular.TabularList):
                tabular = icd10cm_tabular.read_tabular(content, file.name)
            if tabular.year != str(self.release.fiscal_year):
                said = f"release.toml says fiscal year {self.release.fiscal_year}"
                raise ImportFault(file.name, 0, f"prints the year {tabular.year!r}, but {said}")
            concepts = tabular.concepts
        elif recognise.ORDER in self.files:
            folder, file = self.files[recognise.ORDER]
            content = release_files.read_content(folder, file)
            rows = self.parsed.take(content)
            concepts = order.to_concepts(rows if isinstance(rows, tuple) else order.read_order(content, file.name), file.name)
        else:
            raise ImportFault(f"{self.release.version}/release.toml", 0, "neither a tabular list nor an order file is listed")
        real = [concept for concept in concepts if concept.kind in (Kind.CATEGORY, Kind.SUBCATEGORY)]
        billable = sum(concept.billable for concept in real)
        return replace(self.described(), codes=len(real), billable=billable), concepts

    def described(self) -> Release:
        """Return the release with the files that editions are compiled from, without having read any."""
        return replace(
            self.release, files=tuple(file for content, (_, file) in sorted(self.files.items()) if content in _COMPILED)
        )


@dataclass(frozen=True, slots=True)
class Sources:
    """A codesets and a fixtures folder, and what was imported. Every table is read when it is asked for.

    All methods raise ImportFault (or ContentError) for what cannot be read; nothing is ever written.
    """

    codesets: Path
    fixtures: Path
    imports: tuple[Imported, ...] = ()
    parsed: Parsed = field(default_factory=Parsed, compare=False)

    @classmethod
    def embedded(cls) -> Sources:
        """Return what the package itself carries."""
        return cls(vendored("codesets"), vendored("fixtures"))

    @classmethod
    def of(cls, data: Path) -> Sources:
        """Return what the package carries and what was imported into a data directory."""
        return replace(cls.embedded(), imports=imported(data))

    def listed(self) -> tuple[ReleaseFiles, ...]:
        """Return every release with its files, oldest first; an imported file stands before a vendored one of its kind."""
        folders = [path.parent for path in sorted(self.codesets.glob(f"{SYSTEM}/*/release.toml"))]
        folders += [each.folder for each in self.imports if each.system == SYSTEM and (each.folder / "release.toml").is_file()]
        if not folders:
            raise ImportFault(str(self.codesets), 0, f"no {SYSTEM}/<effective date>/release.toml was found")
        found: dict[str, ReleaseFiles] = {}
        for folder in folders:
            release = release_files.read_release(folder)
            own = {file.content: (folder, file) for file in release.files}
            before = found.get(release.version)
            if before and before.release.fiscal_year != release.fiscal_year:
                raise ImportFault(
                    str(folder), 0, f"says fiscal year {release.fiscal_year}, another file of {release.version} not"
                )
            kept = (before.release, before.files | own) if before else (release, own)
            found[release.version] = ReleaseFiles(*kept, self.parsed)
        return tuple(sorted(found.values(), key=lambda each: each.release.effective_from))

    def releases(self) -> Iterator[tuple[Release, tuple[Concept, ...]]]:
        """Yield every release with its concepts in book order, oldest first, one at a time."""
        return (each.read() for each in self.listed())

    def vendored_version(self) -> str:
        """Return the newest release that the package carries: the one that the summaries were written for."""
        return max((path.parent.name for path in self.codesets.glob(f"{SYSTEM}/*/release.toml")), default="")

    def validity(self) -> tuple[Validity, ...]:
        """Return the validity of every billable code."""
        return read_validity(*self._table("validity"))

    def successors(self, validity: Sequence[Validity]) -> tuple[Successor, ...]:
        """Return the vendored conversion table and what imported ones add to it.

        Ranges are read over the codes valid before; a pair with a code that never was valid is a misprint and left out.
        """
        vendored_pairs = conversion.read_successors(*self._table("successors"))
        life = {row.code: row for row in validity}

        def before(effective: date) -> list[str]:
            day = effective - timedelta(days=1)
            return [row.code for row in validity if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)]

        found = set(vendored_pairs)
        for content, name in self._imported(recognise.CONVERSION):
            pairs = conversion_table.to_successors(conversion_table.read_conversion_table(content, name), before)
            found |= {
                pair
                for pair in pairs
                if pair.old != pair.new and (pair.release > HORIZON.last.isoformat() or (pair.new in life and pair.old in life))
            }
        return tuple(sorted(found, key=lambda pair: (pair.release, pair.new, pair.old)))

    def mappings(self) -> tuple[ConceptMapping, ...]:
        """Return the general equivalence mappings; an imported direction takes the place of the vendored one."""
        rows = conversion.read_gem(*self._table("gem"))
        for kind, source in ((recognise.GEM_FROM_TEN, codes.ICD10CM), (recognise.GEM_FROM_NINE, codes.ICD9CM)):
            for content, name in self._imported(kind):
                newer = gem.read_gem_file(content, name, from_ten=kind == recognise.GEM_FROM_TEN)
                rows = (*(row for row in rows if row.source_system != source), *newer)
        return rows

    def map_origins(self) -> dict[str, str]:
        """Return for each direction of the mappings, by source code system, its year or that it was imported."""
        kinds = {codes.ICD10CM: recognise.GEM_FROM_TEN, codes.ICD9CM: recognise.GEM_FROM_NINE}
        there = {file.content for each in self.imports for file in each.files}
        return {system: "imported" if kind in there else VENDORED_GEM for system, kind in kinds.items()}

    def conditions(self) -> ConditionLibrary:
        """Return the condition summaries and their sources."""
        return read_conditions(self.fixtures)

    def released(self) -> tuple[ConditionSummary, ...]:
        """Return the released versions of the summaries."""
        return read_released(self.fixtures)

    def lay_terms(self) -> tuple[LayTerm, ...]:
        """Return what people call things, nothing where the fixtures have no such table."""
        return read_lay_terms(self.fixtures) if (self.fixtures / TERMS_FILE).is_file() else ()

    def commonness(self) -> tuple[Commonness, ...]:
        """Return how often conditions are met, nothing where the fixtures have no such table."""
        return read_commonness(self.fixtures) if (self.fixtures / COMMONNESS_FILE).is_file() else ()

    def indexes(self) -> Iterator[index_xml.Index]:
        """Yield the alphabetic indexes that the operator imported, one at a time."""
        return (index_xml.read_index(content, name) for content, name in self._imported(recognise.INDEX))

    def fingerprint(self) -> str:
        """Return a SHA-256 over every input file: equal inputs have equal fingerprints, wherever they lie."""
        digest = hashlib.sha256()
        for folder in (self.codesets, self.fixtures):
            paths = (
                path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).parts[0] not in _NOT_COMPILED
            )
            for path in sorted(paths, key=lambda path: path.relative_to(folder).as_posix()):
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        compiled = [
            each
            for each in self.imports
            if each.system == FHIR_SYSTEM or (each.system == SYSTEM and _COMPILED & {file.content for file in each.files})
        ]
        for each in sorted(compiled, key=lambda each: (each.slot, each.id)):
            digest.update(f"{each.system}/{each.slot}/{each.id}".encode())
        return digest.hexdigest()

    def _imported(self, kind: str) -> Iterator[tuple[bytes, str]]:
        for each in self.imports:
            for file in each.files:
                if file.content == kind:
                    yield release_files.read_content(each.folder, file), f"{each.slot}/{file.name}"

    def _table(self, content: str) -> tuple[bytes, str]:
        for folder in (self.codesets / "validity", self.codesets / "maps"):
            for file in release_files.read_files(folder):
                if file.content == content:
                    return release_files.read_content(folder, file), file.name
        raise ImportFault(str(self.codesets), 0, f"no file with content = {content!r} is listed in a files.toml")
