"""Rendered answers, kept in memory and bounded in bytes: what a hot GET is answered from, without Flask or the store.

Everything in the cache belongs to one generation (edition, withdrawals, UTC date); when that changes, all of it goes at
once. `no-cache` in an answer speaks to caches beyond this process, which cannot see the generation change; this one can.
"""

from __future__ import annotations

import gzip
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from icdref.server.rsgi import Headers
from icdref.web.http import Answer

KEY_HEADERS: Final = ("accept", "accept-language", "prefer")
"""The request headers that are part of a key, by their exact bytes: two spellings of one wish cost two entries, no more."""

_KNOWN_VARY: Final = frozenset({*KEY_HEADERS, "accept-encoding", "authorization"})
"""What answers may vary by and be kept. Only what was asked without credentials is kept, and given to such requests alone, so
`authorization` has one value here: none."""

_PACK_FROM = 1024
_PACK_LEVEL = 6
_WORTH_PACKING = 0.9
_ENTRY_OVERHEAD = 2300  # bytes of the objects around one answer with ten headers, measured
_LONGEST_KEY = 2000
_LARGEST_SHARE = 8
_REMEMBERED = 8192  # keys asked for once, of which the hash is kept: half a megabyte
_OF_THE_BODY: Final = frozenset({"etag", "content-encoding", "content-length", "content-type"})
_TAG = re.compile(r'(?:W/)?("[^"]*")')
_PACKABLE = re.compile(r"text/|application/(?:[\w.+-]*json|[\w.+-]*xml|javascript)|image/svg", re.IGNORECASE)


Key = tuple[str, str, str | None, str | None, str | None]
"""Path (decoded), query (raw) and the values of KEY_HEADERS: what an answer depends on besides the generation."""


class Variant(NamedTuple):
    """One representation of an answer as it goes out: with or without gzip."""

    etag: str
    headers: Headers
    body: bytes


class Policy(NamedTuple):
    """What the headers of an answer allow. `vary` is the field to send, '' where the one it has will do."""

    packable: bool
    storable: bool
    vary: str


@dataclass(slots=True)
class Entry:
    """One rendered answer with an ETag.

    `modified` is its Last-Modified, '' where it has none; `storable` says whether another client may be given it; `packed` is made when it is asked for again from the cache;
    `weight` is what it holds there.
    """

    route: str
    plain: Variant
    packable: bool
    storable: bool
    packed: Variant | None = None
    weight: int = 0
    modified: str = ""
    _unchanged: dict[str, Headers] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Answer) -> Entry | None:
        """Return the entry of a 200 that carries an ETag, else None. The names of the headers must be in lower case."""
        headers = answer.headers
        get = dict(headers).get
        etag = get("etag")
        if answer.status != 200 or not etag:
            return None
        allowed = policy(get("content-type", ""), get("content-encoding", ""), get("vary", ""), get("cache-control", ""))
        packable = allowed.packable and len(answer.body) > _PACK_FROM
        if packable and allowed.vary:
            headers = [*(header for header in headers if header[0] != "vary"), ("vary", allowed.vary)]
        storable = allowed.storable and get("set-cookie") is None
        return cls(answer.route, Variant(etag, headers, answer.body), packable, storable, modified=get("last-modified", ""))

    def unchanged(self, condition: str, *, packed: bool) -> Headers | None:
        """Return the headers of a 304 when the client's If-None-Match names either representation, else None.

        A client may hold the plain tag and accept gzip by now, or the reverse; both name the same answer. The 304 repeats
        the tag that the client holds (RFC 9110 section 15.4.5), with every header that does not describe the body.
        """
        plain, gzipped = self.plain.etag, packed_tag(self.plain.etag)
        if condition in (plain, gzipped):
            matched = condition
        else:
            tags = {_opaque(tag): tag for tag in ((plain, gzipped) if packed else (gzipped, plain))}
            named = list(tags) if condition.strip() == "*" else _TAG.findall(condition)
            matched = next((tags[tag] for tag in reversed(named) if tag in tags), "")
            if not matched:
                return None
        headers = self._unchanged.get(matched)
        if headers is None:
            headers = [*(header for header in self.plain.headers if header[0] not in _OF_THE_BODY), ("etag", matched)]
            self._unchanged[matched] = headers
        return headers


class AnswerCache:
    """Answers of one generation, the least recently used dropped first once `limit` bytes are held."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self.generation: object = None
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._asked: set[int] = set()

    def __len__(self) -> int:
        return len(self._entries)

    def start(self, generation: object) -> None:
        """Drop everything and go on with a new generation."""
        self._entries.clear()
        self._asked.clear()
        self.held = 0
        self.generation = generation

    def get(self, key: Key) -> Entry | None:
        """Return the entry under `key`, marking it as just used."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def asked_before(self, key: Key) -> bool:
        """Return whether `key` was asked for lately, and remember that it was now.

        Only what is asked for twice is kept: of 20,000 codes asked in turn none would stay long enough to be hit, storing
        each costs 15 µs, and they would push out what is hot.
        """
        mark = hash(key)
        if mark in self._asked:
            return True
        if len(self._asked) >= _REMEMBERED:
            self._asked.clear()
        self._asked.add(mark)
        return False

    def put(self, key: Key, entry: Entry) -> None:
        """Keep `entry` under `key`, unless it alone would push out a good part of all others."""
        longest = sum(len(part) for part in key if part)
        entry.weight = len(entry.plain.body) + longest + _ENTRY_OVERHEAD
        if longest > _LONGEST_KEY or entry.weight > self.limit // _LARGEST_SHARE:
            return
        # orjson writes into a buffer that it doubles and then cuts, which leaves holes between bodies that are kept: 25 MB
        # for 16 MB of cache. A copy has exactly its size.
        entry.plain = entry.plain._replace(body=bytes(memoryview(entry.plain.body)))
        former = self._entries.pop(key, None)
        if former is not None:
            self.held -= former.weight
        self._entries[key] = entry
        self.held += entry.weight
        self._shrink()

    def packed(self, entry: Entry) -> Variant:
        """Return the gzip variant of an entry of this cache, compressing it the first time; plain where that gains nothing.

        Compressing waits until the cache is hit: of 20,000 codes asked once, none is worth 0.1 ms of a processor.
        """
        if entry.packed is not None:
            return entry.packed
        if not entry.packable:
            return entry.plain
        body = gzip.compress(entry.plain.body, _PACK_LEVEL, mtime=0)
        if len(body) > len(entry.plain.body) * _WORTH_PACKING:
            entry.packable = False
            return entry.plain
        etag = packed_tag(entry.plain.etag)
        kept = [header for header in entry.plain.headers if header[0] not in ("etag", "content-length")]
        entry.packed = Variant(etag, [*kept, ("etag", etag), ("content-encoding", "gzip")], body)
        entry.weight += len(body)
        self.held += len(body)
        self._shrink()
        return entry.packed

    def _shrink(self) -> None:
        while self.held > self.limit:
            _, dropped = self._entries.popitem(last=False)
            self.held -= dropped.weight


def packed_tag(etag: str) -> str:
    """Return the ETag of the gzip representation.

    >>> packed_tag('"abc"'), packed_tag('W/"abc"')
    ('"abc-gzip"', 'W/"abc-gzip"')
    """
    return etag[:-1] + '-gzip"'


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    """Return whether an Accept-Encoding value allows gzip.

    >>> accepts_gzip("gzip, deflate, br"), accepts_gzip("gzip;q=0, *"), accepts_gzip("identity"), accepts_gzip("*;q=0.1")
    (True, False, False, True)
    """
    wishes: dict[str, bool] = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameters = part.partition(";")
        quality = parameters.replace(" ", "").removeprefix("q=").rstrip("0").rstrip(".")
        wishes[name.strip()] = not parameters or quality not in ("", "0")
    return wishes.get("gzip", wishes.get("x-gzip", wishes.get("*", False)))


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/")


@lru_cache(maxsize=256)
def policy(content_type: str, content_encoding: str, vary: str, cache_control: str) -> Policy:
    """Return what these header values of an answer, '' where missing, allow to do with it."""
    names = {name.strip().lower() for name in vary.split(",") if name.strip()}
    return Policy(
        packable=not content_encoding and _PACKABLE.match(content_type) is not None,
        storable="no-store" not in cache_control and "private" not in cache_control and names <= _KNOWN_VARY,
        vary="" if "accept-encoding" in names else ", ".join(filter(None, (vary, "Accept-Encoding"))),
    )
