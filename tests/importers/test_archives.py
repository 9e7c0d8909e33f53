"""Archives: every member is found, nothing is unpacked to disk, and no archive gets out of its bounds."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from icdref.importers import archives
from icdref.importers.errors import ImportFault


def zipped(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def tarred(members, kind=tarfile.REGTYPE):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(content) if kind == tarfile.REGTYPE else 0, "/etc/passwd"
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def read(tmp_path, content, name="file"):
    (tmp_path / name).write_bytes(content)
    return [(member.name, member.content) for member in archives.members(tmp_path / name)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"plain", [("file", b"plain")]),
        (lzma.compress(b"packed"), [("file", b"packed")]),
        (gzip.compress(b"packed", mtime=0), [("file", b"packed")]),
        (zipped([("a/b.txt", b"one"), ("c.txt", b"two")]), [("file/a/b.txt", b"one"), ("file/c.txt", b"two")]),
        (tarred([("package/x.json", b"{}")]), [("file/package/x.json", b"{}")]),
        (zipped([("in.zip", zipped([("deep.txt", b"three")]))]), [("file/in.zip/deep.txt", b"three")]),
    ],
)
def test_every_member_is_found(tmp_path, content, found):
    assert read(tmp_path, content) == found


def test_a_folder_is_read_in_a_fixed_order_without_its_links(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert [member.name for member in archives.members(tmp_path)] == [f"{tmp_path.name}/a", f"{tmp_path.name}/b"]


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "C:\\x", "..\\x"])
def test_a_name_that_points_out_is_refused(tmp_path, name):
    with pytest.raises(ImportFault, match="points out of the archive"):
        read(tmp_path, zipped([(name, b"x")]))
    with pytest.raises(ImportFault, match="points out of the archive"):
        read(tmp_path, tarred([(name, b"x")]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_link_or_a_device_in_a_tar_is_refused(tmp_path, kind):
    with pytest.raises(ImportFault, match="not a file"):
        read(tmp_path, tarred([("x", b"")], kind))


@pytest.mark.parametrize(
    "content",
    [
        zipped([("zero", b"\0" * 40_000_000)]),
        gzip.compress(b"\0" * 40_000_000, mtime=0),
        lzma.compress(b"\0" * 40_000_000),
    ],
    ids=["zip", "gzip", "xz"],
)
def test_a_bomb_is_refused(tmp_path, content):
    with pytest.raises(ImportFault, match="unpacks to more than 200 times"):
        read(tmp_path, content)


def test_archives_in_archives_in_archives_are_refused(tmp_path):
    content = b"x"
    for _ in range(4):
        content = zipped([("a.zip", content)])
    with pytest.raises(ImportFault, match="nested deeper"):
        read(tmp_path, content)


@pytest.mark.parametrize("cut", [0.5, 0.99])
@pytest.mark.parametrize(
    "content", [zipped([("a", bytes(range(256)) * 40)]), gzip.compress(b"abc" * 99, mtime=0), lzma.compress(b"abc" * 99)]
)
def test_a_cut_archive_is_refused(tmp_path, content, cut):
    with pytest.raises(ImportFault):
        read(tmp_path, content[: int(len(content) * cut)])


def test_a_member_that_stands_twice_is_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")
    with pytest.raises(ImportFault, match="there twice"):
        read(tmp_path, stream.getvalue())


def test_an_empty_folder_and_a_missing_file_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ImportFault):
            list(archives.members(path))
