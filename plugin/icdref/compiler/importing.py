"""One import, from a path to a live edition: read and check, stage, compile, keep, activate. Until the end nothing changes."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from icdref.compiler import audit, editions, imports, intake, listing
from icdref.compiler.compile import compile_edition, uncollected
from icdref.compiler.imports import Imported, Parcel
from icdref.compiler.neighbours import neighbour
from icdref.compiler.sources import Progress, Sources
from icdref.importers import recognise
from icdref.importers.errors import ImportFault
from icdref.importers.release_files import read_content
from icdref.store import editions as store
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
    return import_paths(data, [(path, wanted)], options, progress, base=base)


def import_paths(
    data: Path,
    paths: Sequence[tuple[Path, intake.Wanted]],
    options: Options,
    progress: Progress = lambda *_: None,
    *,
    base: Sources | None = None,
) -> Report:
    """Import several paths, one after the other, and compile once: all of it, or nothing. See `import_path`."""
    with _import_lock(data), uncollected():
        sources = replace(base or Sources.embedded(), imports=imports.imported(data))
        staged = imports.staging(data)
        try:
            taken = _Taken(data, staged, sources, progress)
            for number, (path, wanted) in enumerate(paths):
                taken.take(path, wanted, (number / len(paths), 1 / len(paths)), replace_them=options.replace)
            edition = _compiled(data, taken.sources, progress, complete=all(wanted.complete for _, wanted in paths))
            imports.settle(data, staged, taken.replaced)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        described = [f"{parcel.system} {parcel.slot}" for parcel in taken.new]
        replaced = [f"{each.slot}/{each.id}" for each in taken.replaced]
        audit.record(data, "import", edition, imported=described, replaced=replaced)
        if options.activate:
            activate(data, edition)
    return Report(tuple(taken.new), tuple(taken.old), tuple(taken.ignored), edition, options.activate)


class _Taken:
    """What was read and staged so far; `sources` are the installed ones and the staged."""

    def __init__(self, data: Path, staged: Path, sources: Sources, progress: Progress) -> None:
        self.sources = sources
        self.new: list[Parcel] = []
        self.old: list[Parcel] = []
        self.replaced: list[Imported] = []
        self.ignored: list[str] = []
        self._data = data
        self._staged = staged
        self._progress = progress
        self._validity = sources.validity()

    def take(self, path: Path, wanted: intake.Wanted, span: tuple[float, float], *, replace_them: bool) -> None:
        """Read, check and stage what is at a path. Raises ImportFault."""
        begin, length = span

        def reading(what: str, share: float) -> None:
            self._progress(what, 0.5 * begin + share * length)

        sources = self.sources
        known = intake.Known(
            self._validity, sources.listed(), lambda day: neighbour(self._data, sources, day), parsed=sources.parsed
        )
        read = intake.read_path(path, wanted, known, reading)
        new, old, replaced = _compared(read.parcels, self.sources, replace_them=replace_them)
        if twice := [each for each in replaced if each.folder.is_relative_to(self._staged)]:
            raise ImportFault(str(path), 0, f"holds {twice[0].slot}, which another path given with it holds with other content")
        imports.add(self._staged, new)
        installed = (each for each in self.sources.imports if not each.folder.is_relative_to(self._staged))
        kept = [each for each in installed if each not in replaced]
        self.sources = replace(self.sources, imports=(*kept, *imports.staged_folders(self._staged)))
        self.new += new
        self.old += old
        self.replaced += replaced
        self.ignored += read.ignored


def remove(
    data: Path, identifier: str, progress: Progress = lambda *_: None, *, base: Sources | None = None, complete: bool = True
) -> str:
    """Take an import out, compile without it, activate that edition and return its id. Raises ImportFault."""
    with _import_lock(data):
        sources = replace(base or Sources.embedded(), imports=imports.imported(data))
        gone = [each for each in sources.imports if each.id == identifier]
        if not gone:
            raise ImportFault(identifier, 0, "is no import; `icdref codeset imports` lists them")
        kept = tuple(each for each in sources.imports if each not in gone)
        edition = _compiled(data, replace(sources, imports=kept), progress, complete=complete)
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
            listing.check_same(own, listing.read_listing(part.data, part.name, part.content, sources.parsed))


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
