"""What every handler gets: the request, the service that answers it, and how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from icdref.service.service import Service
from icdref.web import negotiation
from icdref.web.access import PUBLIC, Access
from icdref.web.http import Answer, Request
from icdref.web.lookup_bytes import LookupBytes

_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAY: Final = 86400


@dataclass(frozen=True, slots=True)
class Context:
    """One request on its way: `pairs` is its parsed query, `media_type` which JSON to answer in, `base_url` the FHIR base.

    `lookups` renders `$lookup` answers of the service's edition; `access` is what the caller may see beyond the public view.
    """

    request: Request
    service: Service
    pairs: list[tuple[str, str]]
    media_type: str
    base_url: str
    fhir_version: str
    lookups: LookupBytes
    access: Access = PUBLIC

    @property
    def edition(self) -> str:
        """Return the id of the edition that answers."""
        return self.service.edition.id

    @property
    def release(self) -> str:
        """Return the release that answers where nobody names one: titles in resources are those of this release."""
        return self.service.terminology.choose().release.version

    def answer(self, resource: dict[str, Any], *, cache: str, route: str, release: str = "") -> Answer:
        """Return a resource as an answer, of the release that answers today unless another one is named.

        What was POSTed may hold patient context, so its answer is never stored.
        """
        return self.answer_bytes(negotiation.render(resource), cache=cache, route=route, release=release)

    @property
    def is_strict(self) -> bool:
        """Tell whether the client wants parameters refused that nobody knows."""
        return "handling=strict" in self.request.header("prefer").replace(" ", "").replace('"', "").lower()

    def answer_bytes(self, body: bytes, *, cache: str, route: str, release: str = "") -> Answer:
        """Return a rendered resource as an answer."""
        if self.request.method == "POST":
            cache = negotiation.CACHE_NEVER
        release = release or self.release
        return negotiation.answer(
            body,
            self.media_type,
            cache=cache,
            release=release,
            edition=self.edition,
            route=route,
            modified=self._modified(cache),
        )

    def _modified(self, cache: str) -> int:
        """Return since when an answer of its kind has been the same: what is in force changes at midnight, text at any time."""
        if cache in (negotiation.CACHE_CLINICAL, negotiation.CACHE_NEVER):
            return 0
        since = int(self.service.since)
        if cache == negotiation.CACHE_PINNED:
            return since
        return max(since, (self.service.today().toordinal() - _EPOCH) * _DAY)
