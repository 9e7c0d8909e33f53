"""The Infobutton answer as a page for people: one file, no script, no request to anywhere."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import jinja2
from markupsafe import Markup

from icdref.config import Settings
from icdref.infobutton.answer import Feed

_TEMPLATES = Path(__file__).parent / "templates"


class Page:
    """Renders answers with `templates/infobutton.html`; its style is in the page and named in the policy by its hash."""

    def __init__(self, settings: Settings) -> None:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        self._template = environment.get_template("infobutton.html")
        self._style = (_TEMPLATES / "infobutton.css").read_text("utf-8")
        self._action = f"{settings.url_prefix}/infobutton/application"
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        frames = " ".join(("'self'", *settings.frame_origins))
        self.policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
        )

    def render(self, feed: Feed | None) -> bytes:
        """Return the page of an answer, or the empty search box."""
        entries = [(entry, Markup(entry.summary)) for entry in feed.entries] if feed else []  # noqa: S704 -- safe by construction
        page = self._template.render(feed=feed, entries=entries, style=Markup(self._style), action=self._action)  # noqa: S704
        return page.encode()
