"""The vendored tables as an importer gets them."""

from __future__ import annotations

from icdref.importers.release_files import read_content, read_files
from tests.checkout import ROOT


def table(content: str) -> tuple[bytes, str]:
    """Return the unpacked content and the name of the vendored table of a kind: validity, successors or gem."""
    for folder in ("validity", "maps"):
        for file in read_files(ROOT / "codesets" / folder):
            if file.content == content:
                return read_content(ROOT / "codesets" / folder, file), file.name
    raise LookupError(content)
