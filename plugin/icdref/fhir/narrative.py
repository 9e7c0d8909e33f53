"""Narrative: XHTML that is safe by construction, from plain text and from a small Markdown.

Everything that is not already `Xhtml` is escaped on its way in, so a text can never become markup. What may stand in a
narrative at all is decided in `fhir/narrative_check.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

NAMESPACE: Final = "http://www.w3.org/1999/xhtml"

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SAFE_HREF: Final = re.compile(r"(?:https://[A-Za-z0-9][A-Za-z0-9.\-]*(?::[0-9]{1,5})?(?:[/?#][!-;=?-~]*)?|#[A-Za-z0-9._\-]+)\Z")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


class Xhtml(str):
    """Markup that has been built or checked, as opposed to text that still has to be escaped."""

    __slots__ = ()


def escape(text: str) -> Xhtml:
    """Return text as markup that shows exactly this text; characters that XML cannot hold are dropped.

    >>> escape('<b> & "b"')
    '&lt;b&gt; &amp; &quot;b&quot;'
    """
    return Xhtml(_NOT_XML.sub("", text).translate(_ESCAPES))


def is_safe_href(url: str) -> bool:
    """Tell whether a narrative may link to a URL: https with plain ASCII, or a place in the same narrative.

    >>> is_safe_href("https://doi.org/10.1/x"), is_safe_href("#mot.red.1"), is_safe_href("javascript:alert(1)")
    (True, True, False)
    """
    return _SAFE_HREF.match(url) is not None


def element(name: str, *content: str, **attributes: str) -> Xhtml:
    """Return an element; content that is not `Xhtml` is escaped. A trailing underscore is taken off attribute names.

    >>> element("p", "a < b", id="x.1")
    '<p id="x.1">a &lt; b</p>'
    """
    start = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items() if value)
    return Xhtml(f"<{name}{start}>{join(*content)}</{name}>")


def join(*content: str) -> Xhtml:
    """Return the pieces one after the other, each escaped unless it is `Xhtml` already."""
    return Xhtml("".join(piece if isinstance(piece, Xhtml) else escape(piece) for piece in content))


def link(url: str, text: str) -> Xhtml:
    """Return a link, or the text alone where a narrative may not link to the URL."""
    return element("a", text, href=url) if is_safe_href(url) else escape(text)


def items(texts: Sequence[str]) -> Xhtml:
    """Return an unordered list with one item for each text."""
    return element("ul", *(element("li", text) for text in texts))


def narrative(status: str, *content: str, language: str = "") -> dict[str, Any]:
    """Return a FHIR Narrative; `language` is given where it is not that of the resource."""
    languages = f' lang="{escape(language)}" xml:lang="{escape(language)}"' if language else ""
    return {"status": status, "div": f'<div xmlns="{NAMESPACE}"{languages}>{join(*content)}</div>'}


# --- Markdown --------------------------------------------------------------------------------------------------------


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 -- the name that markdown-it gives it
        """Refuse what a narrative may not link to; the source of the link is then shown as text."""
        return is_safe_href(url)


@cache
def _markdown() -> MarkdownIt:
    parser = _Markdown("commonmark", {"html": False, "xhtmlOut": True})
    return parser.disable(["image", "html_inline", "html_block"])


def from_markdown(text: str) -> Xhtml:
    """Return Markdown as markup: paragraphs, headings, lists, emphasis, code and https links; raw HTML is shown as text."""
    return _render(_markdown().parse(_NOT_XML.sub("", text)))


def markdown_sections(text: str) -> tuple[tuple[str, Xhtml], ...]:
    """Return (title, markup) for each heading of the first two levels; text before the first has the title ''.

    A heading with nothing under it is left out.
    """
    sections: list[tuple[str, list[Token]]] = [("", [])]
    tokens = _markdown().parse(_NOT_XML.sub("", text))
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.type == "heading_open" and token.tag in ("h1", "h2") and token.level == 0:
            sections.append((_plain(tokens[position + 1]), []))
            position += 3  # heading_open, inline, heading_close
        else:
            sections[-1][1].append(token)
            position += 1
    return tuple((title, _render(body)) for title, body in sections if body)


def _plain(inline: Token) -> str:
    parts = (" " if "break" in child.type else child.content for child in inline.children or ())
    return " ".join("".join(parts).split())


def _render(tokens: list[Token]) -> Xhtml:
    parser = _markdown()
    for token in tokens:
        token.attrs.pop("start", None)  # HTML's numbering of lists is presentation, which FHIR narratives exclude
    return Xhtml(_NOT_XML.sub("", parser.renderer.render(tokens, parser.options, {})).strip())
