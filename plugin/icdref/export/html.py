"""A leaflet as one HTML file that needs nothing else: no script, no request to anywhere, its style named by its hash."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from itertools import groupby

import jinja2
from markupsafe import Markup, escape

from icdref import __version__
from icdref.export.leaflet import Block, Leaflet
from icdref.web.pages.words import words_in


def to_html(it: Leaflet) -> bytes:
    """Return a leaflet as a self-contained page."""
    style, policy = _style()
    words = words_in(it.language)
    own = bool(words["draft"]) + bool(words["intended"])
    page = _template().render(
        it=it,
        blocks=_blocks,
        style=Markup(style),  # noqa: S704 -- our own file
        policy=policy,
        software=__version__,
        own=own,
    )
    return page.encode()


def _blocks(blocks: Iterable[Block], level: int) -> Markup:
    """Return blocks as markup, items that follow each other as one list; headings begin at a level."""
    found = Markup("")
    for is_item, run in groupby(blocks, lambda each: each.kind == "item"):
        pieces = Markup("").join(_block(each, level) for each in run)
        found += Markup("<ul>{}</ul>").format(pieces) if is_item else pieces
    return found


def _block(block: Block, level: int) -> Markup:
    name = {"heading": f"h{level}", "subheading": f"h{level + 1}", "item": "li"}.get(block.kind, "p")
    language = Markup(' lang="{}"').format(block.language) if block.language else Markup("")
    kind = Markup(' class="remark"') if block.kind == "remark" else Markup("")
    return Markup("<{0}{1}{2}>{3}</{0}>").format(Markup(name), language, kind, escape(block.text))  # noqa: S704 -- our own names


@cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("icdref.export", "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("leaflet.html")


@cache
def _style() -> tuple[str, str]:
    """Return the style sheet and the policy that allows it and nothing else."""
    style = (resources.files("icdref.export") / "templates" / "leaflet.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return style, f"default-src 'none'; style-src 'sha256-{digest}'"
