"""The doors beside FHIR that EHRs already have, each with its own dialect for answers and for errors."""

from __future__ import annotations

from collections.abc import Iterable

from icdref.config import Settings
from icdref.issues import Issue
from icdref.service.live import LiveService
from icdref.web.cds_hooks import CdsHooksDoor
from icdref.web.http import Answer, Request
from icdref.web.infobutton import InfobuttonDoor


class Doors:
    """Finds the door that a path belongs to."""

    def __init__(self, settings: Settings, live: LiveService) -> None:
        self._live = live
        self._doors: tuple[InfobuttonDoor | CdsHooksDoor, ...] = (InfobuttonDoor(settings), CdsHooksDoor(settings))

    def answer(self, request: Request) -> Answer | None:
        """Return the answer of the door that a path belongs to, None where it belongs to none."""
        door = self._door(request.path)
        return door.answer(request, self._live.now()) if door else None

    def error(self, found: Iterable[Issue], request: Request, allow: str = "") -> Answer | None:
        """Return issues in the dialect of the door that a path belongs to, None where it belongs to none."""
        door = self._door(request.path)
        return door.error(found, request, self._live.now(), allow) if door else None

    def _door(self, path: str) -> InfobuttonDoor | CdsHooksDoor | None:
        return next((door for door in self._doors if door.serves(path)), None)
