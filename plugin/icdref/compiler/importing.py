"""One import, from a path to a live edition: read and check, stage, compile, keep, activate. Until the end nothing changes."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from icdref.compiler import audit, editions, imports, intake, listing
from icdref.compiler.compile import compile_edition
from icdref.compiler.imports import Imported, Parcel
from icdref.compiler.sources import Progress, Sources
from icdref.importers import recognise
from icdref.importers.errors import ImportFault
from icdref.importers.release_files import read_content
from icdref.issues import IcdRefError
from icdref.language.titles import to_ascii
from icdref.store import editions as store
from icdref.store.concepts import ConceptStore
from icdref.store.index import INDEX_NAME, Index
from icdref.store.records import SCHEMA_VERSION

_RELEASE_KINDS = (recognise.TABULAR, recognise.ORDER)


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did: the parcels kept, those that were there already, the files without data, and the edition."""

    kept: tuple[Parcel, ...]
    known: tuple[Parcel, ...]
    ignored: tuple[str, ...]
    edition: str
    active: bool


@dataclass(frozen=True, slots=True)
class Options:
    """How an import ends: whether the new edition is made current, and whether other content of a release may be replaced."""

    activate: bool = True
    replace: bool = False


def import_path(
    data: Path,
    path: Path,
    wanted: intake.Wanted,
    options: Options,
    progress: Progress = lambda *_: None,
    *,
    base: Sources | None = None,
) -> Report:
    """Import everything at a path and return the report. Raises ImportFault (ContentError), and then nothing has changed.

    `base` are the sources beside the imports, by default what the package carries.
    """
    with _import_lock(data):
        sources = replace(base or Sources.embedded(), imports=imports.imported(data))
        known = intake.Known(sources.validity(), sources.listed(), lambda day: _neighbour(data, day))
        read = intake.read_path(path, wanted, known, progress)
        new, old, replaced = _compared(read.parcels, sources, replace_them=options.replace)
        kept = tuple(each for each in sources.imports if each not in replaced)
        if not new:
            edition = _compiled(data, sources, progress, complete=wanted.complete)
        else:
            staged = imports.stage(data, new)
            try:
                with_new = replace(sources, imports=(*kept, *imports.staged_folders(staged)))
                edition = _compiled(data, with_new, progress, complete=wanted.complete)
                imports.settle(data, staged, replaced)
            finally:
                shutil.rmtree(staged, ignore_errors=True)
        described = [f"{parcel.system} {parcel.slot}" for parcel in new]
        audit.record(data, "import", edition, imported=described, replaced=[f"{each.slot}/{each.id}" for each in replaced])
        if options.activate:
            activate(data, edition)
    return Report(tuple(new), tuple(old), read.ignored, edition, options.activate)


def remove(data: Path, identifier: str, progress: Progress = lambda *_: None) -> str:
    """Take an import out, compile without it, activate that edition and return its id. Raises ImportFault."""
    with _import_lock(data):
        sources = Sources.of(data)
        gone = [each for each in sources.imports if each.id == identifier]
        if not gone:
            raise ImportFault(identifier, 0, "is no import; `icdref codeset imports` lists them")
        kept = tuple(each for each in sources.imports if each not in gone)
        edition = _compiled(data, replace(sources, imports=kept), progress, complete=True)
        imports.remove(data, gone)
        audit.record(data, "remove-import", edition, removed=[f"{each.slot}/{each.id}" for each in gone])
        activate(data, edition)
    return edition


def activate(data: Path, edition: str) -> None:
    """Make an edition current and write the audit line."""
    with editions.locked(data):
        before = store.pointer(data, store.CURRENT)
        editions.activate(data, edition)
    audit.record(data, "activate", edition, before=before)


def _compiled(data: Path, sources: Sources, progress: Progress, *, complete: bool) -> str:
    """Return the edition of the sources, compiled only where no installed one has their fingerprint."""
    fingerprint = sources.fingerprint()
    for edition in store.installed(data):
        if edition.manifest.get("fingerprint") == fingerprint and edition.manifest.get("schema") == SCHEMA_VERSION:
            return edition.id

    def later(what: str, share: float) -> None:
        progress(what, 0.5 + share / 2)

    return compile_edition(data, sources, later, complete=complete).id


def _compared(
    parcels: Sequence[Parcel], sources: Sources, *, replace_them: bool
) -> tuple[list[Parcel], list[Parcel], list[Imported]]:
    """Return (what is new, what is there already, what the new replaces). Raises ImportFault for other content of a release."""
    new: list[Parcel] = []
    old: list[Parcel] = []
    replaced: list[Imported] = []
    for parcel in parcels:
        mine = [each for each in sources.imports if (each.system, each.slot) == parcel.where[:2]]
        digests = _digests(parcel, sources, mine)
        fresh = tuple(part for part in parcel.parts if digests.get(part.content) != part.digest)
        changed = [part for part in fresh if part.content in digests]
        if not fresh:
            old.append(parcel)
            continue
        if changed and not replace_them:
            right = "released content never changes; if the publisher issued it anew, say --replace"
            raise ImportFault(changed[0].name, 0, f"{parcel.slot} is installed with another {changed[0].content}; {right}")
        gone = [each for each in mine if any(part.content in each.digests for part in changed)]
        if parcel.is_release and not gone:
            _refuse_contradiction(fresh, parcel, sources)
        replaced += gone
        new.append(replace(parcel, parts=parcel.parts if gone else fresh))
    return new, old, replaced


def _digests(parcel: Parcel, sources: Sources, mine: Sequence[Imported]) -> dict[str, str]:
    """Return content -> SHA-256 of what is installed in the place of a parcel, vendored files included."""
    found: dict[str, str] = {}
    installed = next((each for each in sources.listed() if parcel.is_release and each.release.version == parcel.slot), None)
    for content, (folder, file) in (installed.files if installed else {}).items():
        found[content] = hashlib.sha256(read_content(folder, file)).hexdigest()
    for each in mine:
        found |= each.digests
    return found


def _refuse_contradiction(fresh: Sequence[imports.Part], parcel: Parcel, sources: Sources) -> None:
    """Refuse a tabular list or order file that lists other codes than the files of its release that are installed."""
    installed = next((each for each in sources.listed() if each.release.version == parcel.slot), None)
    if installed is None:
        return
    release, concepts = installed.read()
    own = listing.of_concepts(concepts, f"the installed release {release.version}", release.fiscal_year)
    for part in fresh:
        if part.content in _RELEASE_KINDS:
            listing.check_same(own, listing.read_listing(part.data, part.name, part.content))


def _neighbour(data: Path, day: date) -> tuple[str, dict[str, str]]:
    """Return (version, code -> title) of the installed release nearest to a day, ('', {}) where nothing is installed."""
    try:
        edition = store.served(data).edition
        concepts = ConceptStore(Index(edition.folder / INDEX_NAME))
    except IcdRefError:
        return "", {}
    releases = concepts.releases()
    number = min(range(len(releases)), key=lambda at: abs((releases[at].effective_from - day).days))
    titles = {
        stored.concept.code: to_ascii(stored.concept.display)
        for stored in concepts.all(number)
        if stored.concept.kind not in ("chapter", "block")
    }
    return releases[number].version, titles


@contextmanager
def _import_lock(data: Path) -> Iterator[None]:
    """Hold the lock of the imports folder: two imports never run at once."""
    (data / imports.IMPORTS).mkdir(parents=True, exist_ok=True)
    with (data / imports.IMPORTS / ".lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ImportFault(str(data / imports.IMPORTS), 0, "another import is running; try again when it is done") from None
        yield
