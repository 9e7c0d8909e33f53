"""Order files in the publisher's format, made from what the vendored data know: whole ones, and one of fiscal year 2027."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from icdref.language.titles import to_ascii
from icdref.model import Kind
from icdref.service.release_diff import valid_on
from icdref.service.service import Service

FY2027 = date(2026, 10, 1)


def order_file(rows: Iterable[tuple[str, bool, str]]) -> bytes:
    """Return the order file of (code, billable, title) rows."""
    lines = []
    for number, (code, billable, title) in enumerate(rows, 1):
        bare, ascii_title = code.replace(".", ""), to_ascii(title)
        lines.append(f"{number:05d} {bare:<7} {billable:d} {ascii_title[:60]:<60} {ascii_title}\r\n")
    return "".join(lines).encode("ascii")


def codes_file(rows: Iterable[tuple[str, bool, str]]) -> bytes:
    """Return the codes file of the same rows: billable codes only."""
    return "".join(f"{code.replace('.', ''):<7} {to_ascii(title)}\r\n" for code, billable, title in rows if billable).encode()


def addenda_file(rows: Sequence[tuple[str, bool, str]], added: Sequence[tuple[str, bool, str]]) -> bytes:
    """Return the order addenda of a release that adds some of its billable codes."""
    lines = [
        f"Add:         1 {code.replace('.', ''):<7} {to_ascii(title)[:60]:<60} {to_ascii(title)}" for code, _, title in added
    ]
    for section, billable in (("Headers", False), ("Codes", True)):
        after, new = sum(row[1] == billable for row in rows), len(added) * billable
        what = section.lower()
        lines += ["", section, f"  {after - new} {what} in old.txt", f"  {after} {what} in new.txt"]
        lines += [f"  {new} additions", "  0 deletions", "  0 revisions"]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def rows_of(service: Service, number: int = -1) -> list[tuple[str, bool, str]]:
    """Return the codes of a release in book order."""
    number = number % len(service.releases.all)
    concepts = (stored.concept for stored in service.concepts.all(number))
    return [(each.code, each.billable, each.display) for each in concepts if each.kind not in (Kind.CHAPTER, Kind.BLOCK)]


def fiscal_year_2027(service: Service) -> list[tuple[str, bool, str]]:
    """Return the rows that the release of 2026-10-01 must have."""
    return release_rows(service, FY2027)


def release_rows(service: Service, day: date) -> list[tuple[str, bool, str]]:
    """Return the rows that a release of a day must have: the codes valid then, and a header wherever one is needed.

    Titles of codes that the newest release does not have are made up and say so.
    """
    before = {code: (place, title) for place, (code, _, title) in enumerate(rows_of(service))}
    billable = valid_on(service.concepts.all_validity(), day)
    wanted = set(billable)
    for code in billable:
        bare = code.replace(".", "")
        above = [bare[:3], *(f"{bare[:3]}.{bare[3:length]}" for length in range(4, len(bare)))]
        wanted |= {each for each in above if each in before or len(each) == 3}
    below: dict[str, list[str]] = {}
    for code in wanted:
        bare = code.replace(".", "")
        stems = (f"{bare[:3]}.{bare[3:length]}".rstrip(".") for length in range(len(bare) - 1, 2, -1))
        below.setdefault(next((stem for stem in stems if stem in wanted), ""), []).append(code)

    def walk(parent: str) -> Iterable[str]:
        for code in sorted(below.get(parent, ()), key=lambda each: (before.get(each, (len(before),))[0], each)):
            yield code
            yield from walk(code)

    return [(code, code in billable, before.get(code, (0, f"Title made up for the test of {code}"))[1]) for code in walk("")]
