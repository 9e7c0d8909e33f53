"""The codes of one release as its files list them, and the checks that hold the files of one release together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from icdref.compiler.parsed import Parsed
from icdref.importers import addenda, icd10cm_tabular, order, recognise
from icdref.importers.errors import ImportFault
from icdref.language.titles import to_ascii
from icdref.model import Concept, Kind

_KINDS = (Kind.CATEGORY, Kind.SUBCATEGORY)


@dataclass(slots=True)
class Listing:
    """The codes of a tabular list or an order file, in book order: code -> (billable, title in ASCII)."""

    file: str
    content: str
    codes: dict[str, tuple[bool, str]]
    year: int = 0
    concepts: tuple[Concept, ...] = ()
    companions: list[tuple[str, str]] = field(default_factory=list)

    @property
    def billable(self) -> set[str]:
        """Return the billable codes."""
        return {code for code, (billable, _) in self.codes.items() if billable}

    @property
    def key(self) -> str:
        """Return a hash of the codes and their flags: files of one release have the same."""
        digest = hashlib.sha256()
        for code, (billable, _) in self.codes.items():
            digest.update(f"{code} {billable:d}\n".encode())
        return digest.hexdigest()

    def rows(self) -> Sequence[tuple[str, bool, str]]:
        """Return (code, billable, title) of each code."""
        return [(code, billable, title) for code, (billable, title) in self.codes.items()]


def read_listing(content: bytes, file: str, kind: str, parsed: Parsed) -> Listing:
    """Return the codes of a tabular list or an order file, which is kept as parsed. Raises ImportFault naming the line at fault."""
    if kind == recognise.TABULAR:
        tabular = icd10cm_tabular.read_tabular(content, file)
        if not (tabular.year.isascii() and tabular.year.isdecimal() and len(tabular.year) == 4):
            raise ImportFault(file, 0, f"the version {tabular.year!r} is no fiscal year")
        parsed.keep(content, tabular)
        return of_concepts(tabular.concepts, file, int(tabular.year))
    rows = order.read_order(content, file)
    order.check_tree(rows, file)
    parsed.keep(content, rows)
    return Listing(file, kind, {row.code: (row.billable, row.title) for row in rows})


def of_concepts(concepts: Sequence[Concept], file: str, year: int) -> Listing:
    """Return the listing of a release's concepts."""
    found = {each.code: (each.billable, to_ascii(each.display)) for each in concepts if each.kind in _KINDS}
    return Listing(file, recognise.TABULAR, found, year, tuple(concepts))


def check_same(first: Listing, second: Listing) -> None:
    """Refuse two listings of one release that differ in a code, a flag or a title."""
    for code in (*first.codes, *second.codes):
        here, there = first.codes.get(code), second.codes.get(code)
        if here != there:
            what = "does not have it" if there is None or here is None else f"says {there[1]!r}, not {here[1]!r}"
            if here and there and here[0] != there[0]:
                what = "flags it otherwise"
            lacks = second.file if there is None or here is not None else first.file
            raise ImportFault(lacks, 0, f"contradicts {first.file if lacks == second.file else second.file}: of {code} it {what}")


def check_codes_file(listing: Listing, titles: Mapping[str, str], file: str) -> None:
    """Refuse a codes file that is not the billable codes of its release with their titles."""
    own = {code: title for code, (billable, title) in listing.codes.items() if billable}
    if own == titles:
        return
    code = next(code for code in (*own, *titles) if own.get(code) != titles.get(code))
    raise ImportFault(file, 0, f"contradicts {listing.file} in {code}: {titles.get(code)!r}, not {own.get(code)!r}")


def fits(listing: Listing, found: addenda.Addenda) -> bool:
    """Tell whether an addenda's trailer counts the codes of a listing."""
    stated = found.counts.get(("Codes", "codes"), ())
    return bool(stated) and stated[-1] == len(listing.billable)


def check_neighbour(listing: Listing, neighbour: Mapping[str, str], version: str) -> None:
    """Refuse a listing in which two codes have exchanged their titles against a neighbouring release.

    No other release shows it: each code is there, each title is there, and a reader would be told the wrong thing.
    """
    changed = {
        code: (title, neighbour[code])
        for code, (_, title) in listing.codes.items()
        if code in neighbour and "".join(title.split()) != "".join(neighbour[code].split())
    }
    by_pair = {pair: code for code, pair in changed.items()}
    for code, (new, old) in changed.items():
        other = by_pair.get((old, new))
        if other and other != code:
            raise ImportFault(listing.file, 0, f"{code} and {other} have exchanged their titles against release {version}")
