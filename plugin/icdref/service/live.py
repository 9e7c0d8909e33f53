"""The service as a running process sees it: the current edition, switched between two requests, scrubbed in the background."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable
from datetime import date

from icdref.config import Settings
from icdref.issues import IcdRefError
from icdref.service.service import Service, utc_today
from icdref.store import editions, withdrawals
from icdref.store.editions import Served

log = logging.getLogger(__name__)

_LOOK_EVERY = 0.2
"""Seconds between two looks at CURRENT and withdrawn.json: a change is noticed well within a second."""
_LONG = 5.0
"""Seconds without a look after which nobody can be watching: a process that was forked has lost the thread that does."""


class LiveService:
    """Hands out the service of the edition that is current. Opening verifies every hash; a switch waits for nobody.

    A thread looks for changes, so that after a quiet hour the first answer is already one of the edition that is current.
    """

    def __init__(self, settings: Settings, today: Callable[[], date] = utc_today) -> None:
        self._settings = settings
        self._today = today
        self._data = settings.directory
        self._pointer = self._data / editions.CURRENT
        self._stamp = self._look()
        self._looked = time.monotonic()
        self._opening = threading.Lock()
        self._changing = threading.Lock()
        self._withdrawal_stamp = withdrawals.stamp(self._data)
        self._withdrawn = withdrawals.read_withdrawals(self._data)
        served = editions.served(self._data)
        self._serve(served)
        if self._withdrawn.damaged:
            log.error("no text is served: %s", self._withdrawn.damaged)
        if served.degraded:
            log.error("serving edition %s instead of the current one: %s", served.edition.id, served.degraded)
        threading.Thread(target=_watch, args=(weakref.ref(self),), name="icdref-watch", daemon=True).start()
        if settings.scrub_seconds:
            threading.Thread(target=self._scrub, name="icdref-scrub", daemon=True).start()

    def now(self) -> Service:
        """Return the service to answer one request with. Costs a clock reading; looks at the disk where nobody has of late."""
        moment = time.monotonic()
        if moment - self._looked > _LOOK_EVERY:
            is_late = moment - self._looked > _LONG
            self._looked = moment
            # At once, before this very request is answered: what is withdrawn must not be in it.
            self._withdraw()
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp
                if is_late:
                    self._switch()
                else:
                    threading.Thread(target=self._switch, name="icdref-switch", daemon=True).start()
        return self._service

    def _look(self) -> tuple[int, int]:
        try:
            found = self._pointer.stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_ino)

    def _serve(self, served: Served) -> None:
        """Let an edition answer from now on, with what is withdrawn now. Cheap: the files were verified before."""
        with self._changing:
            self._service = Service(served.edition, self._settings, self._today, served.degraded, self._withdrawn)

    def _withdraw(self) -> None:
        """Hide (or show again) the statements that withdrawn.json names, where it has changed."""
        stamp = withdrawals.stamp(self._data)
        if stamp == self._withdrawal_stamp:
            return
        with self._changing:
            if stamp == self._withdrawal_stamp:
                return
            found = withdrawals.read_withdrawals(self._data)
            service = self._service
            reason = "" if service.degraded == self._withdrawn.damaged else service.degraded
            changed = Service(service.edition, self._settings, self._today, reason, found)
            changed.unservable = service.unservable
            self._withdrawn, self._service, self._withdrawal_stamp = found, changed, stamp
        log.log(logging.ERROR if found.damaged else logging.INFO, "withdrawals: serial %d %s", found.serial, found.damaged)

    def _switch(self) -> None:
        """Open and verify the edition that is now current beside the old one, then let it answer."""
        with self._opening:
            try:
                served = editions.served(self._data)
                if served.edition.id != self._service.edition.id or served.degraded != self._service.degraded:
                    self._serve(served)
                    log.info("edition %s is now served%s", served.edition.id, f" ({served.degraded})" if served.degraded else "")
            except IcdRefError as error:
                log.error("the edition in %s stays: %s", self._service.edition.id, error)

    def _scrub(self) -> None:
        """Hash the served edition again and again, so that a disk that goes bad is noticed before a clinician notices."""
        while True:
            time.sleep(self._settings.scrub_seconds)
            service = self._service
            try:
                editions.verify(service.edition)
            except IcdRefError as error:
                log.error("scrub: %s", error)
                self._switch_away(service, error.issue.text)

    def _switch_away(self, service: Service, reason: str) -> None:
        with self._opening:
            if self._service is not service:
                return
            try:
                served = editions.served(self._data)
                self._serve(Served(served.edition, served.degraded or reason))
            except IcdRefError:
                service.degraded, service.unservable = reason, True


def _watch(watched: weakref.ref[LiveService]) -> None:
    """Look for changes as long as the service is there."""
    while (live := watched()) is not None:
        try:
            live.now()
        except Exception:
            log.exception("looking for a change of edition failed")
        del live
        time.sleep(_LOOK_EVERY)
