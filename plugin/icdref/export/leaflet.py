"""What an exported file says, before it becomes HTML or PDF: the same stored statements as the page, in one running order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt

from icdref.fhir.summary_parts import cited_sources, form_line, source_url, standing
from icdref.model import Source
from icdref.results import Lookup, SectionView, SummaryView
from icdref.service.matching import Asked
from icdref.service.safety_box import SafetyBox, safety_boxes
from icdref.service.service import Service
from icdref.service.views import Reader
from icdref.web.pages.words import words_in

_LOOPBACK: Final = ("http://127.0.0.1", "http://localhost", "http://[::1]")


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of running text: `kind` is heading, subheading, paragraph, item or remark; `language` where it differs."""

    kind: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Leaflet:
    """One file. `warnings` are (title, statement, grade) and come first; `standing` says how far the text may be trusted."""

    code: str
    display: str
    title: str
    language: str
    audience: str
    notice: str
    warnings: tuple[tuple[str, str, str], ...]
    standing: tuple[str, ...]
    safety: tuple[Block, ...]
    safety_title: str
    body: tuple[Block, ...]
    sources: tuple[tuple[str, str], ...]
    footer: str
    address: str
    revised: str

    def texts(self) -> Iterator[str]:
        """Yield every text of the file, to look for characters that a font lacks."""
        yield from (self.code, self.display, self.title, self.notice, self.safety_title, self.footer, self.address)
        yield from self.standing
        for warning in self.warnings:
            yield from warning
        for block in (*self.safety, *self.body):
            yield block.text
        for source in self.sources:
            yield from source


def leaflet(service: Service, lookup: Lookup, audience: str, language: str) -> Leaflet | None:
    """Return the file of a code for one audience in one language, None where there is no text of that kind.

    Nothing is passed off as something else: without a text for patients in the language there is no file.
    """
    code = lookup.concept.code
    reader = Reader(audience, language)
    found = service.knowledge.for_codes([Asked(code)], version=lookup.choice.release.version, reader=reader)
    view = found.summaries[0] if found.summaries else None
    if view is None or view.language != language or view.audience != audience:
        return None
    return _of_summary(service, lookup, view, found.traces[0].notice)


def _of_summary(service: Service, lookup: Lookup, view: SummaryView, notice: str) -> Leaflet:
    words = words_in(view.language)
    code = lookup.concept.code
    safety = [each for each in view.sections if each.code in ("red-flags", "never-do")]
    rest = [each for each in view.sections if each not in safety]
    body = list(_markdown(view.patient_text.body)) if view.patient_text else [each for part in rest for each in _section(part)]
    own = [words["draft"]] * bool(words["draft"] and view.banner) + [words["intended"]] * bool(words["intended"])
    boxes: tuple[SafetyBox, ...] = safety_boxes([code], service.knowledge.summaries)
    root = service.settings.root_url
    return Leaflet(
        code=code,
        display=lookup.concept.display,
        title=view.title,
        language=view.language,
        audience=view.audience,
        notice=notice,
        warnings=tuple((each.title, each.statement.text, each.statement.grade) for each in boxes),
        standing=(*own, *_joined(standing(view))),
        safety=tuple(each for part in safety for each in _section(part)),
        safety_title=words["safety_title"],
        body=tuple(body),
        sources=tuple((_citation(source), _link(source)) for source in _sources(view)),
        footer=f"ICD-10-CM {view.release.version} · edition {view.edition} · {view.intended_use}",
        address="" if root.startswith(_LOOPBACK) else f"{root}/codes/{code}",
        revised=view.summary.attributes.revision_date.isoformat(),
    )


def _joined(sentences: list[str]) -> list[str]:
    """Return the first sentence, which says how far the text is reviewed, and the rest as one paragraph."""
    return [sentences[0], " ".join(sentences[1:])]


def _sources(view: SummaryView) -> tuple[Source, ...]:
    """Return the sources of what the file says: a text for patients rests on some of the statements alone."""
    if view.patient_text is None:
        return cited_sources(view)
    shown = {each.id for section in view.sections for each in section.statements} | set(view.patient_text.based_on)
    named = {name for each in view.summary.statements if each.id in shown for name in each.sources}
    return tuple(source for source in cited_sources(view) if source.id in named)


def _section(section: SectionView) -> Iterator[Block]:
    yield Block("heading", section.title, "en")
    for each in section.statements:
        yield Block("item", f"{each.text} [{each.grade}; {', '.join(each.sources)}]", "en")
        if each.form:
            yield Block("remark", form_line(each.form), "en")
        if each.conflict:
            text = f"Sources disagree on {each.conflict.topic}; here: {each.conflict.position}. {each.conflict.note}".strip()
            yield Block("remark", text, "en")
    if section.withheld:
        yield Block("remark", f"{section.withheld} statements of this section are withheld.", "en")
    if section.notice:
        yield Block("remark", section.notice, "en")


def _markdown(text: str) -> Iterator[Block]:
    """Yield the blocks of a patient text; emphasis is dropped, since the words carry the meaning."""
    kind = "paragraph"
    for token in MarkdownIt("commonmark", {"html": False}).parse(text):
        if token.type == "heading_open":
            kind = "heading" if token.tag in ("h1", "h2") else "subheading"
        elif token.type in ("heading_close", "list_item_close"):
            kind = "paragraph"
        elif token.type == "list_item_open":
            kind = "item"
        elif token.type == "inline":
            pieces = (" " if "break" in child.type else child.content for child in token.children or ())
            yield Block(kind, " ".join("".join(pieces).split()))


def _citation(source: Source) -> str:
    return f"{source.id}: {source.citation} (read: {source.read})"


def _link(source: Source) -> str:
    link = source_url(source)
    return link if link.startswith("https://") else ""
