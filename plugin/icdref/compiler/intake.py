"""From a path that an operator names to parcels that may be kept: every file read, recognised and checked, or all refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from icdref import codes
from icdref.compiler import fiscal, listing, stated, tables
from icdref.compiler.imports import Parcel, Part
from icdref.compiler.listing import Listing
from icdref.compiler.neighbours import Neighbour
from icdref.compiler.parsed import Parsed
from icdref.compiler.sources import SYSTEM, ReleaseFiles
from icdref.importers import addenda, archives, fhir_files, order, recognise
from icdref.importers.errors import ImportFault
from icdref.model import Validity
from icdref.service.release_diff import valid_on

FEWEST_CODES = 80_000
"""The smallest release ever published has 91,737 codes; a file with far fewer was cut."""
LARGEST_LOSS = 0.02
"""Share of billable codes that a release may lose against its neighbour; the most ever lost is 0.45 % (FY2017)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator said: the first day of the release, or its fiscal year; a licence for a restricted code system."""

    effective: date | None = None
    fiscal_year: int = 0
    licence: str = ""
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before the import: the validity table, the installed releases, and the titles of the nearest one.

    `parsed` keeps what was read last.
    """

    validity: Sequence[Validity]
    releases: Sequence[ReleaseFiles] = ()
    neighbour: Callable[[date], Neighbour] = lambda _: ("", {}, frozenset())
    parsed: Parsed = field(default_factory=Parsed)


@dataclass(slots=True)
class _Found:
    """The files of one import, by what they are."""

    listings: list[tuple[Listing, Part]] = field(default_factory=list)
    codes: list[tuple[dict[str, str], Part]] = field(default_factory=list)
    addenda: list[tuple[addenda.Addenda, Part]] = field(default_factory=list)
    tables: list[Parcel] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def join(self, other: _Found) -> None:
        """Add the files of another folder."""
        self.listings += other.listings
        self.codes += other.codes
        self.addenda += other.addenda
        self.tables += other.tables
        self.ignored += other.ignored

    def parts(self) -> Iterable[Part]:
        """Yield every file that holds data."""
        for group in (self.listings, self.codes, self.addenda):
            yield from (part for _, part in group)
        yield from (part for table in self.tables for part in table.parts)


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read: the parcels to keep, and the files that hold no data."""

    parcels: tuple[Parcel, ...]
    ignored: tuple[str, ...]


def read_path(path: Path, wanted: Wanted, known: Known, progress: Callable[[str, float], None]) -> Intake:
    """Return the parcels of everything at a path. Raises ImportFault, and then nothing of it may be kept."""
    found: dict[str, _Found] = {}
    days: dict[str, stated.Stated] = {}
    for number, member in enumerate(archives.members(path)):
        folder, _, name = member.name.rpartition("/")
        progress(f"Reading {name}", min(0.4, 0.02 * number))
        if name == stated.FILE:
            days[folder] = stated.read_stated(member.content, member.name)
        else:
            _sort(member, found.setdefault(folder, _Found()), wanted, known.parsed)
    progress("Checking the codes", 0.45)
    parcels: list[Parcel] = []
    for own, there in _by_release(found, days, wanted, str(path)):
        parcels += [*_releases(there, own, known), *there.tables]
    if not parcels:
        raise ImportFault(str(path), 0, "nothing in it can be imported: only documentation was found")
    twice = [parcel.slot for parcel in parcels if sum(parcel.where[:2] == other.where[:2] for other in parcels) > 1]
    if twice:
        raise ImportFault(str(path), 0, f"holds {twice[0]} more than once with different content; import one at a time")
    return Intake(tuple(parcels), tuple(name for each in found.values() for name in each.ignored))


def _by_release(
    found: dict[str, _Found], days: dict[str, stated.Stated], wanted: Wanted, path: str
) -> Iterable[tuple[Wanted, _Found]]:
    """Yield the files of each folder that states its release, and those of all the others together."""
    own = {folder: _Found() for folder in days}
    rest = _Found()
    for folder, there in found.items():
        above = next((name for name in _upwards(folder) if name in own), None)
        (rest if above is None else own[above]).join(there)
    for folder, there in own.items():
        if not any(there.parts()):
            raise ImportFault(folder or path, 0, f"{stated.FILE} stands beside no file with data")
        days[folder].check(folder, list(there.parts()), wanted.effective)
        yield replace(wanted, effective=days[folder].effective), there
    yield wanted, rest


def _upwards(folder: str) -> Iterable[str]:
    """Yield a folder and those that it lies in; a zip counts as a folder."""
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _sort(member: archives.Member, found: _Found, wanted: Wanted, parsed: Parsed) -> None:
    """Read one file for what it is."""
    content, name = member.content, member.name
    kind = recognise.recognise(content, name)
    is_packed = "/" in name
    if kind == recognise.NOT_USED or (kind == recognise.FHIR and is_packed and fhir_files.is_placeholder(content)):
        found.ignored.append(name)
    elif kind in (recognise.TABULAR, recognise.ORDER):
        listed = listing.read_listing(content, name, kind, parsed)
        found.listings.append((listed, Part(kind, name, content, len(listed.codes))))
    elif kind == recognise.CODES:
        titles = order.read_codes(content, name)
        found.codes.append((titles, Part(kind, name, content, len(titles))))
    elif kind == recognise.ADDENDA:
        rows = addenda.read_addenda(content, name)
        label = "order-addenda" if any(row.billable is not None for row in rows.changes) else "codes-addenda"
        found.addenda.append((rows, Part(label, name, content, len(rows.changes))))
    else:
        found.tables.append(tables.read_table(content, name, kind, wanted.fiscal_year, wanted.licence))


def _releases(found: _Found, wanted: Wanted, known: Known) -> Iterable[Parcel]:
    """Yield one parcel per release: files that list the same codes belong together."""
    groups: dict[str, list[tuple[Listing, Part]]] = {}
    for listed, part in found.listings:
        groups.setdefault(listed.key, []).append((listed, part))
    if (found.codes or found.addenda) and not groups:
        groups = _installed_group(found, wanted, known)
    candidates = [_joined(group) for group in groups.values()]
    if len(candidates) > 1 and wanted.effective:
        raise ImportFault(
            candidates[1][0].file, 0, "lists other codes than " + candidates[0][0].file + ", but one --effective-date was given"
        )
    _attach(found, candidates)
    for listed, parts in candidates:
        effective = _effective(listed, parts, wanted, known)
        _check_codes(listed, effective, wanted, known)
        if parts:
            yield _parcel(effective, parts)


def _joined(group: Sequence[tuple[Listing, Part]]) -> tuple[Listing, list[Part]]:
    first = group[0][0]
    parts: dict[str, Part] = {}
    for listed, part in group:
        listing.check_same(first, listed)
        if part.data and part.content in parts and parts[part.content].digest != part.digest:
            raise ImportFault(part.name, 0, f"is not {parts[part.content].name}, but lists the same codes; import one at a time")
        if part.data:
            parts[part.content] = part
        first.year = max(first.year, listed.year)
    return first, list(parts.values())


def _installed_group(found: _Found, wanted: Wanted, known: Known) -> dict[str, list[tuple[Listing, Part]]]:
    """Return the installed release that codes files and addenda alone can be held against."""
    lone = next(part for _, part in (*found.codes, *found.addenda))
    day = wanted.effective
    installed = next((each for each in known.releases if day and each.release.effective_from == day), None)
    if installed is None:
        right = "import it together with the order file or the tabular list of its release (the same zip has them)"
        raise ImportFault(lone.name, 0, f"is no release by itself; {right}, or name an installed release with --effective-date")
    release, concepts = installed.read()
    listed = listing.of_concepts(concepts, f"the installed release {release.version}", release.fiscal_year)
    return {listed.key: [(listed, Part("", listed.file, b"", 0))]}


def _attach(found: _Found, candidates: Sequence[tuple[Listing, list[Part]]]) -> None:
    """Hold every codes file and addenda against the release it belongs to, and put it there."""
    for titles, part in found.codes:
        own = [each for each in candidates if each[0].billable == titles.keys()] or candidates[:1]
        listing.check_codes_file(own[0][0], titles, part.name)
        own[0][1].append(part)
    for rows, part in found.addenda:
        own = [each for each in candidates if listing.fits(each[0], rows)] or candidates[:1]
        addenda.check_against(rows, own[0][0].rows(), part.name)
        own[0][0].year = own[0][0].year or rows.year
        own[0][1].append(part)


def _effective(listed: Listing, parts: Sequence[Part], wanted: Wanted, known: Known) -> date:
    """Return the first day of a release: what the operator said, else the one day that year and codes allow."""
    year = wanted.fiscal_year or listed.year
    if wanted.effective:
        if listed.year and fiscal.fiscal_year(wanted.effective) != listed.year:
            raise ImportFault(
                listed.file, 0, f"prints fiscal year {listed.year}, but {wanted.effective} lies in another fiscal year"
            )
        return wanted.effective
    if wanted.fiscal_year and listed.year and wanted.fiscal_year != listed.year:
        raise ImportFault(listed.file, 0, f"prints fiscal year {listed.year}, not {wanted.fiscal_year}")
    days = fiscal.candidates(listed.billable, known.validity, year)
    october = date(year - 1, 10, 1) if year else None
    if len(days) == 1:
        return days[0]
    if wanted.fiscal_year and october and (not days or october in days):
        return october
    fit = f"its codes were in force on {', '.join(str(day) for day in days)}" if days else "its codes fit no known release day"
    hint = f"--effective-date {days[-1] if days else 'YYYY-MM-DD'}"
    name = parts[0].name if parts else listed.file
    raise ImportFault(name, 0, f"no file states its effective date, and {fit}; say {hint}, or --fiscal-year N for 1 October N-1")


def _check_codes(listed: Listing, effective: date, wanted: Wanted, known: Known) -> None:
    """Refuse a release that is cut or that is not the one in force on its day."""
    if wanted.complete and len(listed.codes) < FEWEST_CODES:
        raise ImportFault(listed.file, 0, f"only {len(listed.codes)} codes; every official release has more than {FEWEST_CODES}")
    billable = listed.billable
    table = valid_on(known.validity, effective)
    if table and table != billable:
        days = fiscal.candidates(billable, known.validity, 0)
        example = sorted(table ^ billable)[0]
        what = "is missing" if example in table else "is not valid then"
        fit = f"; the codes are those of {', '.join(map(str, days))}" if days else ""
        raise ImportFault(
            listed.file,
            0,
            f"{len(table ^ billable)} billable codes differ from those in force on {effective}: {example} {what}{fit}",
        )
    version, titles, own = known.neighbour(effective)
    listing.check_neighbour(listed, titles, version)
    lost = len(own - listed.codes.keys())
    if not table and lost > LARGEST_LOSS * len(own):
        raise ImportFault(listed.file, 0, f"{lost} codes of release {version} are missing: the file is cut")


def _parcel(effective: date, parts: Sequence[Part]) -> Parcel:
    meta: dict[str, str | int | date] = {
        "schema": "release/1",
        "system": codes.ICD10CM,
        "version": effective.isoformat(),
        "title": f"ICD-10-CM, {fiscal.describe(effective)}",
        "publisher": "CDC/NCHS and CMS",
        "fiscal_year": fiscal.fiscal_year(effective),
        "effective_from": effective,
        "effective_to": fiscal.last_day(effective),
        "licence": "US Government work, public domain in the USA; WHO owns ICD-10; no endorsement by CDC/NCHS or CMS",
        "source": "imported by the operator: " + ", ".join(part.name for part in parts),
    }
    return Parcel(SYSTEM, effective.isoformat(), meta, tuple(parts), is_release=True)
