"""An edition for a data directory that has none, or that a newer icdref has outgrown."""

from __future__ import annotations

from pathlib import Path

from icdref.compiler import editions
from icdref.compiler.compile import compile_edition
from icdref.compiler.sources import Progress, Sources
from icdref.store.editions import CURRENT, PREVIOUS, Edition, installed, pointer
from icdref.store.records import SCHEMA_VERSION


def ensure_edition(data: Path, progress: Progress = lambda *_: None) -> Edition | None:
    """Compile and activate the embedded edition where it is needed; return it, or None when nothing had to be done.

    Needed: there is no current edition, its index is of another schema, or this icdref brings data that was never
    compiled here. An operator who rolled back keeps the older edition: what is installed is not compiled again.
    """
    known = installed(data)
    current = next((edition for edition in known if edition.id == pointer(data, CURRENT)), None)
    servable = current is not None and current.manifest.get("schema") == SCHEMA_VERSION
    if current is None and pointer(data, CURRENT) and any(edition.id == pointer(data, PREVIOUS) for edition in known):
        return None  # a damaged CURRENT with a PREVIOUS to serve is for the operator to look at, not to paper over
    fingerprint = Sources.of(data).fingerprint()
    if servable and any(edition.manifest.get("fingerprint") == fingerprint for edition in known):
        return None
    return build(data, progress)


def build(data: Path, progress: Progress = lambda *_: None) -> Edition:
    """Compile what the package carries and what was imported, and make it the current edition."""
    edition = compile_edition(data, Sources.of(data), progress)
    with editions.locked(data):
        editions.activate(data, edition.id)
    return edition
