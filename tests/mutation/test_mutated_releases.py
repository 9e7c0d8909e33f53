"""Two hundred mutated releases: none is accepted, each is refused with its file, and nothing is left behind.

Run with `-s` to see the table of reasons.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from icdref.compiler import intake
from icdref.compiler.imports import stage
from icdref.importers.errors import ImportFault
from icdref.language.titles import to_ascii
from icdref.model import Kind
from tests.cut import Cut
from tests.order_files import codes_file, order_file

DAY = date(2026, 4, 1)
PER_KIND = 10

Rows = list[tuple[str, bool, str]]
Mutation = Callable[[random.Random, Rows, bytes], bytes | dict[str, bytes]]


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    return Cut(tmp_path_factory.mktemp("mutation"))


@pytest.fixture(scope="module")
def rows(cut):
    concepts = cut.sources.listed()[-1].read()[1]
    return [(each.code, each.billable, each.display) for each in concepts if each.kind not in (Kind.CHAPTER, Kind.BLOCK)]


@pytest.fixture(scope="module")
def tabular(cut):
    return (cut.newest / "tabular.xml").read_bytes()


@pytest.fixture(scope="module")
def known(cut, rows):
    titles = {code: to_ascii(title) for code, _, title in rows}
    return intake.Known(cut.sources.validity(), (), lambda _: ("2025-10-01", titles))


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


MUTATIONS: list[Mutation] = [
    cut_at_a_line, cut_in_a_line, line_missing, lines_swapped, titles_swapped, code_twice, orphan, flag_flipped, code_mistyped,
    other_encoding, columns_shifted, contradicting_codes_file, xml_cut, xml_doctype, xml_code_twice, xml_title_missing,
    xml_branch_missing, zip_slip, zip_bomb, zip_damaged,
]  # fmt: skip


def read(path, known):
    return intake.read_path(path, intake.Wanted(DAY, complete=False), known, lambda *_: None)


@pytest.mark.parametrize("name", ["order.txt", "tabular.xml"])
def test_the_release_that_is_mutated_is_accepted_as_it_is(rows, tabular, known, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(order_file(rows) if name == "order.txt" else tabular)
    assert [parcel.slot for parcel in read(path, known).parcels] == ["2026-04-01"]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.__name__)
def test_no_mutated_release_is_accepted(mutation, rows, tabular, known, tmp_path):
    reasons: Counter[str] = Counter()
    for number in range(PER_KIND):
        made = mutation(random.Random(f"{mutation.__name__} {number}"), rows, tabular)
        path = tmp_path / f"{mutation.__name__}{number}"
        if isinstance(made, dict):
            path.mkdir()
            for name, content in made.items():
                (path / name).write_bytes(content)
        else:
            path.write_bytes(made)
        with pytest.raises(ImportFault) as refused:
            stage(tmp_path / "data", read(path, known).parcels)
        assert refused.value.file, "the reason names no file"
        reasons[re.sub(r"'[^']*'|[A-Z]\d[\w.]*|\d+", "…", refused.value.reason)[:90]] += 1
    assert sum(reasons.values()) == PER_KIND
    assert not (tmp_path / "data").exists()
    for reason, count in reasons.most_common():
        print(f"{mutation.__name__:26} {count:3} {reason}")


def test_there_are_two_hundred_mutations():
    assert len(MUTATIONS) * PER_KIND == 200
