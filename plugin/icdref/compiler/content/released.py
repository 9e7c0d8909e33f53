"""What must be true of the released versions beside the summaries."""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import Path

from icdref.compiler.released import FOLDER, read_released
from icdref.importers.conditions import ConditionLibrary
from icdref.importers.errors import ImportFault
from icdref.importers.faults import ERROR, INFORMATION, ContentError, Fault, shown


def released_versions(directory: Path, library: ConditionLibrary, withheld: Set[str]) -> Iterator[Fault]:
    """Yield released versions that cannot be read or hold a statement that is in quarantine now, and texts changed since."""
    try:
        versions = read_released(directory)
    except (ImportFault, ContentError) as error:
        fix = "restore the folder as it was released"
        yield Fault(FOLDER, "", "", str(error), fix, ERROR)
        return
    current = {each.id: each for each in library.summaries}
    for each in versions:
        file = f"{FOLDER}/{each.id}/{each.version}"
        for identifier in sorted({statement.id for statement in each.statements} & withheld):
            message = f"the released version holds {shown(identifier)}, which is in quarantine now"
            yield Fault(
                file, identifier, identifier, message, "delete the folder: the version is then not served any more", ERROR
            )
        now = current.get(each.id)
        if now is not None and now.version == each.version and now != each:
            message = f"the text has changed since its version {each.version} was released"
            yield Fault(f"conditions/{each.id}.toml", "version", each.version, message, "raise version", INFORMATION)
