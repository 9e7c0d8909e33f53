"""What an import has read of a release's file, handed on to the compiler: reading a tabular list again takes 1.5 seconds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from icdref.importers.icd10cm_tabular import TabularList
from icdref.importers.order import OrderRow

Read = TabularList | tuple[OrderRow, ...]


@dataclass(slots=True)
class Parsed:
    """The last file that was read, until somebody takes it: one only, because each is as large as a release."""

    _digest: bytes = b""
    _read: Read | None = None

    def keep(self, content: bytes, read: Read) -> None:
        """Keep what a file's content says, instead of what was kept before."""
        self._digest, self._read = hashlib.sha256(content).digest(), read

    def take(self, content: bytes) -> Read | None:
        """Return what this very content says and forget it; None where it is not kept."""
        if self._read is None or hashlib.sha256(content).digest() != self._digest:
            return None
        read, self._read = self._read, None
        return read
