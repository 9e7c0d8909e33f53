"""Pages as bytes: the template environment, static files, and the headers that keep a page safe and fast."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_NEVER, etag

_CONTENT_SECURITY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors {ancestors}"
)
_STATIC_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
_FOREVER: Final = "public, max-age=31536000, immutable"


@cache
def environment() -> Environment:
    """Return the template environment: everything is escaped, and a name that is missing is an error, not a blank."""
    loader = PackageLoader("icdref.web", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def static_files() -> dict[str, tuple[bytes, str]]:
    """Return every static file by its name: content and the first digits of its SHA-256."""
    folder = resources.files("icdref.web") / "static"
    contents = {each.name: each.read_bytes() for each in folder.iterdir() if each.name.rpartition(".")[2] in _STATIC_TYPES}
    return {name: (content, hashlib.sha256(content).hexdigest()[:12]) for name, content in contents.items()}


def static_answer(name: str) -> Answer:
    """Return a static file; its URL carries its hash, so it is kept forever. Raises KeyError for another name."""
    content, digest = static_files()[name]
    headers = [
        ("Content-Type", _STATIC_TYPES[name.rpartition(".")[2]]),
        ("Cache-Control", _FOREVER),
        ("ETag", f'"{digest}"'),
        ("Vary", "Accept-Encoding"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return Answer(200, headers, content, "/static")


def page(
    template: str, values: dict[str, Any], *, cache_control: str, route: str, status: int = 200, ancestors: str = "'none'"
) -> Answer:
    """Return a rendered page with its security headers. `ancestors` lists the origins that may embed it in a frame."""
    body = environment().get_template(template).render(values).encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Language", str(values.get("language") or "en")),
        ("Cache-Control", cache_control),
        ("Content-Security-Policy", _CONTENT_SECURITY.format(ancestors=ancestors)),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Vary", "Accept-Encoding, Accept-Language"),
    ]
    if cache_control != CACHE_NEVER:
        headers.append(("ETag", etag(body)))
    return Answer(status, headers, body, route)
