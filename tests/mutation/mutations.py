"""Twenty-six ways to break a release: each gives a file, or several, that no import may accept.

`rows` are (code, billable, title) in book order, `tabular` is the tabular list of the same codes. The chance decides the place.
"""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.order_files import addenda_file, codes_file, order_file

Rows = list[tuple[str, bool, str]]
Mutation = Callable[[random.Random, Rows, bytes], bytes | dict[str, bytes]]


def write_mutated(mutation: Mutation, number: int, rows: Rows, tabular: bytes, folder: Path) -> Path:
    """Write a release that is broken in one way, the same one for a number, and return where."""
    made = mutation(random.Random(f"{mutation.__name__} {number}"), rows, tabular)
    path = folder / f"{mutation.__name__}{number}"
    if isinstance(made, bytes):
        path.write_bytes(made)
        return path
    path.mkdir()
    for name, content in made.items():
        (path / name).write_bytes(content)
    return path


def lines_of(rows: Rows) -> list[bytes]:
    return order_file(rows).splitlines(keepends=True)


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def leaf(chance: random.Random, rows: Rows) -> int:
    return chance.choice([at for at, (_, billable, _) in enumerate(rows) if billable])


def cut_at_a_line(chance, rows, _tabular):
    lines = lines_of(rows)
    return b"".join(lines[: chance.randrange(1, len(lines))])


def cut_in_a_line(chance, rows, _tabular):
    content = order_file(rows)
    end = chance.randrange(2, len(content) - 2)
    return content[: end if content[end - 1 : end] != b"\n" else end - 1]


def line_missing(chance, rows, _tabular):
    at = leaf(chance, rows)
    return order_file(rows[:at] + rows[at + 1 :])


def lines_swapped(chance, rows, _tabular):
    lines = lines_of(rows)
    at, other = chance.sample(range(len(lines)), 2)
    lines[at], lines[other] = lines[other], lines[at]
    return b"".join(lines)


def titles_swapped(chance, rows, _tabular):
    at, other = chance.sample(range(len(rows)), 2)
    while rows[at][2] == rows[other][2]:
        at, other = chance.sample(range(len(rows)), 2)
    found = list(rows)
    found[at], found[other] = (*rows[at][:2], rows[other][2]), (*rows[other][:2], rows[at][2])
    return order_file(found)


def code_twice(chance, rows, _tabular):
    at = leaf(chance, rows)
    return order_file([*rows[: at + 1], rows[at], *rows[at + 1 :]])


def orphan(chance, rows, _tabular):
    found = list(rows)
    found.insert(chance.randrange(len(rows)), ("Q55.55", True, "Nobody's child"))
    return order_file(found)


def flag_flipped(chance, rows, _tabular):
    at = chance.randrange(len(rows))
    code, billable, title = rows[at]
    return order_file([*rows[:at], (code, not billable, title), *rows[at + 1 :]])


def code_mistyped(chance, rows, _tabular):
    at = leaf(chance, rows)
    code, billable, title = rows[at]
    return order_file([*rows[:at], (code[:-1] + "W", billable, title), *rows[at + 1 :]])


def other_encoding(chance, rows, _tabular):
    content = order_file(rows)
    if chance.random() < 0.5:
        return content.decode().encode("utf-16")
    at = content.index(b"o", chance.randrange(len(content) // 2))
    return content[:at] + b"\xf6" + content[at + 1 :]


def columns_shifted(chance, rows, _tabular):
    lines = lines_of(rows)
    at = chance.randrange(len(lines))
    lines[at] = lines[at][:14] + b" " + lines[at][14:]
    return b"".join(lines)


def contradicting_codes_file(chance, rows, _tabular):
    at = leaf(chance, rows)
    code, billable, title = rows[at]
    other = [*rows[:at], (code, billable, title + " x"), *rows[at + 1 :]] if chance.random() < 0.5 else rows[:at] + rows[at + 1 :]
    return {"order.txt": order_file(rows), "codes.txt": codes_file(other)}


def xml_cut(chance, _rows, tabular):
    return tabular[: chance.randrange(100, len(tabular) - 20)]


def xml_doctype(chance, _rows, tabular):
    name = f"d{chance.randrange(1000)}"
    return tabular.replace(b"<ICD10CM.tabular>", f'<!DOCTYPE {name} [<!ENTITY e "x">]><ICD10CM.tabular>'.encode(), 1)


def xml_code_twice(chance, _rows, tabular):
    names = re.findall(rb"<diag>\s*<name>([^<]+)</name>", tabular)
    first, second = chance.sample(names, 2)
    return tabular.replace(b"<name>" + first + b"</name>", b"<name>" + second + b"</name>", 1)


def xml_title_missing(chance, _rows, tabular):
    spots = [match.span() for match in re.finditer(rb"<desc>[^<]+</desc>", tabular)]
    start, end = chance.choice(spots)
    return tabular[:start] + b"<desc/>" + tabular[end:]


def xml_branch_missing(chance, _rows, tabular):
    leaves = [match.span() for match in re.finditer(rb"<diag>(?:(?!</?diag>).)*</diag>", tabular, re.DOTALL)]
    start, end = chance.choice(leaves)
    return tabular[:start] + tabular[end:]


def zip_slip(chance, rows, _tabular):
    return zipped({chance.choice(["../order.txt", "/order.txt", "a/../../order.txt", "C:\\order.txt"]): order_file(rows)})


def zip_bomb(chance, rows, _tabular):
    return zipped({"order.txt": order_file(rows), f"more{chance.randrange(99)}.txt": b"0" * (40 * 1024 * 1024)})


def zip_damaged(chance, rows, _tabular):
    content = bytearray(zipped({"order.txt": order_file(rows)}))
    at = chance.randrange(60, len(content) - 120)
    content[at] ^= 1 << chance.randrange(8)
    return bytes(content)


def xml_moved(chance, _rows, tabular):
    """Put a category with everything below it into another category."""
    spots = list(re.finditer(rb"<diag>\s*<name>([A-Z][0-9A-Z]{2})</name>.*?</desc>", tabular, re.DOTALL))
    at = chance.randrange(1, len(spots))
    moved = spots[at]
    inside = tabular.index(b"</desc>", spots[at - 1].start()) + len(b"</desc>")
    # The opening tags move, the closing ones stay: the tree is another one and the text is the same.
    return tabular[:inside] + moved[0] + b"</diag>" + tabular[inside : moved.start()] + b"<diag>" + tabular[moved.end() :]


def xml_cycle(chance, _rows, tabular):
    """Put a code below itself."""
    spots = list(re.finditer(rb"<diag>\s*<name>[^<]+</name>\s*<desc>[^<]+</desc>", tabular))
    spot = chance.choice(spots)
    return tabular[: spot.end()] + spot[0] + b"</diag>" + tabular[spot.end() :]


def fhir_system(concepts, **more):
    resource = {"resourceType": "CodeSystem", "url": "urn:x", "status": "active", "content": "complete", "concept": concepts}
    return json.dumps(resource | more).encode()


def fhir_cycle(chance, rows, _tabular):
    ring = chance.sample([code for code, _, _ in rows], 5)
    after = dict(zip(ring, (*ring[1:], ring[0]), strict=True))
    links = {code: [{"code": "parent", "valueCode": other}] for code, other in after.items()}
    return fhir_system([{"code": code, "property": links.get(code, [])} for code, _, _ in rows])


def fhir_orphan(chance, rows, _tabular):
    concepts = [{"code": code} for code, _, _ in rows]
    chance.choice(concepts)["property"] = [{"code": "parent", "valueCode": f"nobody{chance.randrange(99)}"}]
    return fhir_system(concepts)


def fhir_wrong_count(chance, rows, _tabular):
    return fhir_system(
        [{"code": code} for code, _, _ in rows], count=len(rows) + chance.choice([-1, 1]) * chance.randrange(1, 50)
    )


def wrong_count(chance, rows, _tabular):
    """An addenda whose trailer counts other numbers than its rows, or than the release."""
    added = chance.sample([row for row in rows if row[1]], 4)
    content = addenda_file(rows, added).decode()
    counts = list(re.finditer(r"(\d+) (additions|deletions|revisions|headers in new|codes in new)", content))
    wrong = chance.choice(counts)
    number = int(wrong[1]) + chance.choice([1, 2, 7])
    content = content[: wrong.start(1)] + str(number) + content[wrong.end(1) :]
    return {"order.txt": order_file(rows), "addenda.txt": content.encode()}


MUTATIONS: list[Mutation] = [
    cut_at_a_line, cut_in_a_line, line_missing, lines_swapped, titles_swapped, code_twice, orphan, flag_flipped, code_mistyped,
    other_encoding, columns_shifted, contradicting_codes_file, wrong_count, xml_cut, xml_doctype, xml_code_twice, xml_cycle,
    xml_moved, xml_title_missing, xml_branch_missing, fhir_cycle, fhir_orphan, fhir_wrong_count, zip_slip, zip_bomb, zip_damaged,
]  # fmt: skip
