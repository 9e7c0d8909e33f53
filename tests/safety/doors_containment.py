"""Takes the pages, feeds and cards apart: every text that a reader can see, less what is stored, less the words of our own frame.

What is stored: statements, conflicts, sources, names, patient texts, and what the code set says of a code. The frame is every
literal in the templates and in the code that builds these answers. What then is left would be a sentence that nobody wrote
down: an invention. That the frame itself says nothing clinical has a test of its own.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from typing import Any

from jinja2 import Environment
from lxml import etree
from lxml import html as lxml_html

from icdref.cli.text import card_sections
from icdref.fhir.summary_parts import form_line, identifiers, seed_line, source_url, standing
from icdref.model import SECTIONS
from icdref.results import CodeCard, Lookup, MatchTrace
from icdref.service.coverage import coverage_of
from icdref.service.service import Service
from icdref.service.stubs import BANNER
from icdref.service.views import Reader
from tests.checkout import ROOT
from tests.safety.containment import plain

PACKAGE = ROOT / "plugin" / "icdref"
FRAME_CODE = ("web/pages", "infobutton", "cds")
FRAME_FILES = (
    *("web/html.py", "web/infobutton.py", "web/infobutton_page.py", "web/infobutton_search.py", "web/cds_cards.py"),
    *("fhir/summary_parts.py", "service/views.py", "service/status.py", "service/code_cards.py", "service/coding_checks.py"),
    "config.py",
)
_INLINE = {"a", "abbr", "b", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup", "time"}
_SILENT = {"script", "style", "template"}
_SEEN_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")
_GAP = "\x00"
_ID = re.compile(
    r"(?<=[Gg]rade )[A-D]\b|\b(?:[a-z]+\.[a-z-]+\.\d+|10\.\d{4,}/\S+|PMC\d+|https?://\S+|[0-9a-f]{12}|[A-Z](?=[0-9A-Z]*\d)[0-9A-Z]{2}(?:\.[0-9A-Z]*)?-?)(?!\w)"
)
_NUMBER = re.compile(r"(?<![\w.-])\d[\d.,-]*(?![\w-])")
_EDGES = " %.,;:()[]–·“”'\"?!/|"
_TOKEN = re.compile(r"\w+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MARKUP = re.compile(r"\\([\\`*_\[\]#|~<>])|[*_]+|^\s*(?:-|>)\s", re.MULTILINE)


# --- what a reader sees ----------------------------------------------------------------------------------------------


def page_texts(body: bytes | str) -> Iterator[str]:
    """Yield every text of a page, one for each innermost block, and the attributes that are shown or read out."""
    text = body.decode() if isinstance(body, bytes) else body
    if not text.strip():
        return
    yield from _texts(lxml_html.document_fromstring(f"<div>{text}</div>" if "<html" not in text[:300] else text))


def _texts(root: Any) -> Iterator[str]:
    own: list[str] = []
    yield from _walk(root, own)
    yield from filter(None, (plain("".join(own)),))


def _walk(element: Any, into: list[str]) -> Iterator[str]:
    """Yield the texts of blocks inside an element; what stands in no inner block is added to `into`."""
    if not isinstance(element.tag, str) or element.tag in _SILENT:
        return
    for name in _SEEN_ATTRIBUTES:
        if element.get(name):
            yield plain(element.get(name))
    into.append(element.text or "")
    row = not any((text or "").strip() for text in (element.text, *(child.tail for child in element)))  # such as a menu
    for child in element:
        if isinstance(child.tag, str) and (row or child.tag not in _INLINE) and child.tag not in _SILENT:
            inner: list[str] = []
            yield from _walk(child, inner)
            yield from filter(None, (plain("".join(inner)),))
            into.append("\n")
        else:
            if child.tag == "span" and re.search(r"\w$", "".join(into)) and re.match(r"\w", child.text or ""):
                into.append("; ")  # a style sets them apart
            yield from _walk(child, into)
        into.append(child.tail or "")


def feed_texts(body: bytes) -> Iterator[str]:
    """Yield every text of an Atom feed; summaries are markup inside."""
    for element in etree.fromstring(body).iter():
        name = etree.QName(element).localname
        text = (element.text or "").strip()
        if name == "summary":
            yield from page_texts("".join(element.itertext()) if not len(element) else etree.tostring(element).decode())
        elif name in ("title", "subtitle", "rights", "name") and text:
            yield plain(text)


def json_texts(value: Any, key: str = "") -> Iterator[str]:
    """Yield every text of the JSON answer that people may read: titles and summaries, which are markup."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from json_texts(each, key if name == "_value" else name)
    elif isinstance(value, list):
        for each in value:
            yield from json_texts(each, key)
    elif isinstance(value, str) and key in ("summary", "title", "subtitle", "name"):
        yield from page_texts(value)


def value_texts(value: Any) -> Iterator[str]:
    """Yield every text value of a page as JSON that is more than one word."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from value_texts(each)
    elif isinstance(value, str) and " " in value:
        yield from (shown for line in value.splitlines() if (shown := plain(line.lstrip("# "))))


def card_texts(card: dict[str, Any]) -> Iterator[str]:
    """Yield every text of a CDS card, its Markdown taken away."""
    yield card["summary"]
    for line in card["detail"].split("\n"):
        if shown := plain(html.unescape(_MARKUP.sub(r"\1", line))):
            yield shown
    yield card["source"]["label"]
    yield from (link["label"] for link in card.get("links", ()))
    for suggestion in card.get("suggestions", ()):
        yield suggestion["label"]
        yield from (action["description"] for action in suggestion["actions"])
    yield from (reason["display"] for reason in card["overrideReasons"])


def markdown_texts(body: bytes) -> Iterator[str]:
    """Yield every line of a Markdown page."""
    for line in body.decode().splitlines():
        if shown := plain(html.unescape(_MARKUP.sub(r"\1", line)).lstrip("# ")):
            yield shown


# --- what may stand there --------------------------------------------------------------------------------------------


class Accounted:
    """Every stored text of a service, and the frame."""

    def __init__(self, service: Service, extra: frozenset[str] = frozenset()) -> None:
        self.service = service
        self._extra = extra
        self._seen: set[str] = set()

    @cached_property
    def stored(self) -> frozenset[str]:
        """Return the texts that any answer may contain, whatever the code."""
        found = {*self._extra, BANNER, *(title for _, title in SECTIONS)}
        for summary in self.service.knowledge.summaries.all.values():
            found |= {summary.id, summary.id.replace("-", " "), *summary.title.values(), summary.licence, summary.code_licence}
            found |= {summary.licence, *(each.text for each in summary.synonyms)}
            for relation in summary.relations:
                kind = relation.kind.replace("-", " ")
                target = relation.target.replace("-", " ")
                found |= {relation.target, target, target.capitalize(), relation.kind, kind, kind.capitalize()}
            for each in summary.statements:
                found |= {each.text, each.needs, *(link.note for link in each.seeds)}
                if each.form:
                    found |= {form_line(each.form), each.form.name, each.form.cause}
                if each.conflict:
                    found |= {each.conflict.topic, each.conflict.position, each.conflict.note}
            for source in summary.sources:
                found |= {
                    source.citation,
                    source.id,
                    source_url(source),
                    source.url,
                    identifiers(source),
                    source.type,
                    source.read,
                }
            for staging in summary.stagings:
                found |= {staging.name, staging.applies_to, *(each.meaning for each in staging.classes)}
                found |= {each.name for each in staging.classes}
            for text in summary.patient_texts:
                found |= {text.language, " ".join(each.language for each in summary.patient_texts)}
                found |= {plain(each) for each in page_texts(_html_of(text.body))}
            attributes = summary.attributes
            found |= {attributes.citation, attributes.developer, attributes.funding}
            for person in (*summary.review.authors, *summary.review.reviewers):
                found |= {person.name, person.role}
        for reader in (Reader(), Reader("patient"), Reader("patient", "es"), Reader("clinician", "es")):
            for view in self.service.knowledge.served(reader):
                found |= {*standing(view), seed_line(view), view.banner, view.intended_use, view.language_notice}
                found |= {section.notice for section in view.sections} | set(view.displays.values())
        found |= {chapter.partition(" ")[2].partition(" (")[0] for chapter in coverage_of(self.service).chapters}
        choice = self.service.terminology.choose()
        number = self.service.releases.number(choice.release)
        for each in self.service.concepts.below(self.service.concepts.concept("M61", number), number):
            found |= {
                each.concept.display.rpartition(", ")[2],
                each.concept.site,
                each.concept.laterality,
                each.concept.laterality.capitalize(),
            }
        release = choice.release
        found |= {release.title, release.publisher, release.licence, release.source}
        return frozenset(plain(each) for each in found if each)

    def of_code(self, lookup: Lookup, card: CodeCard, trace: MatchTrace) -> frozenset[str]:
        """Return what the code set says of one code, and how the question reached its answer."""
        concept = lookup.concept
        found = {
            concept.display,
            concept.site,
            concept.laterality,
            str(concept.kind),
            trace.notice,
            *trace.advice,
            *trace.context,
            *card.facts,
            lookup.choice.edition,
        }
        found |= {title for _, title in card.choices} | {above.display for above in lookup.ancestors}
        found |= {fact.partition(" ")[2] for fact in card.facts} | {concept.display.rpartition(", ")[2]}
        found |= {each.note.text for each in lookup.notes} | set(lookup.edits) | {each.meaning for each in _characters(lookup)}
        found |= {issue.text for issue in (*lookup.issues, *trace.issues)}
        for lines in card_sections(card).values():
            found |= set(lines)
        return frozenset(plain(each) for each in found if each)

    def unaccounted(self, texts: Iterable[str], also: Iterable[str] = ()) -> list[str]:
        """Return the texts that hold a word which nothing accounts for; `also` are stored texts of this answer alone."""
        also = frozenset(also)
        near = _by_first_word(filter(_is_long, also))
        lost = []
        for text in texts:
            if text in self._seen or text in self.stored or text in also:
                continue
            if not self._rest(text, frozenset(), {}):
                self._seen.add(text)
            elif self._rest(text, also, near):
                lost.append(text)
        return lost

    def _rest(self, text: str, also: frozenset[str], near: dict[str, list[str]]) -> str:
        words = set(_TOKEN.findall(text))
        literals, names = frame()
        found = [each for word in words for each in (*self._long.get(word, ()), *near.get(word, ())) if each in text]
        said = [each for word in words for each in literals.get(word, ()) if each in text]
        for stored in (*sorted(found, key=len, reverse=True), *sorted(said, key=len, reverse=True)):
            text = text.replace(stored, _GAP)
        text = _NUMBER.sub(_GAP, _ID.sub(_GAP, text))

        def known(part: str) -> bool:
            return part in names or part in self.stored or part in also

        left = [
            chunk
            for chunk in text.split(_GAP)
            if not known(chunk.strip(_EDGES)) and not all(_is_known(piece, known) for piece in _pieces(chunk))
        ]
        return " | ".join(left)

    @cached_property
    def _long(self) -> dict[str, list[str]]:
        return _by_first_word(filter(_is_long, self.stored))


def _is_long(text: str) -> bool:
    """Tell whether a stored text may stand inside another one; shorter ones must stand alone, lest they hide a word."""
    return len(_WORD.findall(text)) > (0 if _ID.search(text) else 2)


def _is_known(piece: str, known: Callable[[str], bool], parts: int = 3) -> bool:
    """Tell whether a text is a known one, or a few of them in a row, as where a label and its value share a line."""
    piece = piece.strip(_EDGES)
    if known(piece) or not _WORD.search(piece):
        return True
    words = piece.split(" ") if parts > 1 else []
    cuts = ((" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words)))
    return any(known(before.strip(_EDGES)) and _is_known(after, known, parts - 1) for before, after in cuts)


def _pieces(chunk: str) -> set[str]:
    """Return the parts of a text between punctuation that hold a word."""
    return {part for each in re.split(r"[:;,·()\[\]–|]|\.\s", chunk) if _WORD.search(part := each.strip(_EDGES))}


@cache
def frame() -> tuple[dict[str, list[str]], frozenset[str]]:
    """Return the literals of our own frame: those of several words by their first one, and all that may stand alone."""
    found = {plain(literal) for literal in (*_template_literals(), *_code_literals())}
    trimmed = {each.strip(_EDGES + "-") for each in found} | found
    trimmed |= {each.replace("-", " ") for each in trimmed}
    trimmed |= {piece for each in found for part in _NUMBER.split(each) for piece in _pieces(part)}
    several = (each for each in trimmed if len(_WORD.findall(each)) > 1)
    return _by_first_word(several), frozenset(each for each in trimmed if _WORD.search(each))


def _by_first_word(texts: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        if first := _TOKEN.search(text):
            found.setdefault(first.group(), []).append(text)
    return found


def _template_literals() -> Iterator[str]:
    environment = Environment(autoescape=True)
    for path in sorted((PACKAGE / "web" / "templates").rglob("*.html")):
        for _, kind, value in environment.lex(path.read_text("utf-8")):
            if kind == "data":
                visible = re.sub(r"<(script|style)\b.*?</\1>", " ", value, flags=re.DOTALL)
                for attribute in re.findall(r'(?:alt|aria-label|placeholder|title)="([^"]*)"?', visible):
                    yield html.unescape(attribute)
                yield from (html.unescape(each) for each in re.split(r"<[^>]*>?|[^<]*(?<!\s)>", visible))
                yield from (html.unescape(each) for each in re.split(r"<[^>]*>?", visible))
                yield from (html.unescape(each) for each in re.split(r'["<>]', visible))
            elif kind == "string":
                yield ast.literal_eval(value)


def _code_literals() -> Iterator[str]:
    paths = [path for folder in FRAME_CODE for path in sorted((PACKAGE / folder).rglob("*.py"))]
    for path in (*paths, *(PACKAGE / name for name in FRAME_FILES)):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                node.value.value = ""  # a docstring is nothing that is shown
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from re.split(r"\{[^{}]*\}", node.value)


def _characters(lookup: Lookup) -> Iterable[Any]:
    return lookup.concept.seventh_characters


def _html_of(markdown: str) -> str:
    from icdref.fhir.narrative import from_markdown

    return str(from_markdown(markdown))
