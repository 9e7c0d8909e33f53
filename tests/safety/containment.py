"""Where every sentence of an answer comes from: takes representations apart and names what no stored text accounts for."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree
from rich.console import Console

from icdref.cli.text import card_sections, print_card, print_summary, print_trace, source_attributes
from icdref.fhir.summary_parts import form_line, identifiers, seed_line, source_url, standing
from icdref.model import SECTIONS
from icdref.results import Knowledge, SummaryView
from icdref.service.service import Service

_BLOCKS = {"p", "li", "td", "th", "h1", "h2", "h3", "h4"}
_MARKDOWN = re.compile(r"[*_`#>]|^\s*(?:[-+]|\d+\.)\s+", re.MULTILINE)
_WIDE = 8_000
_GRADE = r"Grade [ABCD]"


def plain(text: str) -> str:
    """Return a text without doubled blanks."""
    return " ".join(text.split())


@dataclass
class Store:
    """Every text that an answer may contain, from the edition; `seen` are printed lines found to be stored before."""

    service: Service
    seen: set[str] = field(default_factory=set)

    @cached_property
    def statements(self) -> dict[str, str]:
        """Return the text of every stored statement by id."""
        summaries = self.service.knowledge.summaries.all.values()
        return {each.id: each.text for summary in summaries for each in summary.statements}

    @cached_property
    def texts(self) -> set[str]:
        """Return the texts of all statements."""
        return set(self.statements.values())

    @cached_property
    def conflicts(self) -> tuple[set[str], set[str], set[str]]:
        """Return every topic, position and note of the conflicts."""
        found = [
            each.conflict
            for summary in self.service.knowledge.summaries.all.values()
            for each in summary.statements
            if each.conflict
        ]
        return {each.topic for each in found}, {each.position for each in found}, {each.note for each in found}

    @cached_property
    def patient(self) -> str:
        """Return all patient texts, without Markdown."""
        bodies = (text.body for each in self.service.knowledge.summaries.all.values() for text in each.patient_texts)
        return " ".join(plain(_MARKDOWN.sub(" ", body)) for body in bodies)

    def of_view(self, view: SummaryView) -> set[str]:
        """Return the sentences beside statements that a view may show: title, standing, notices, staging, sources."""
        reader = "patients" if view.audience == "patient" else "clinicians"
        found = {view.title, *standing(view), f"{view.title}: condition summary for {reader}."}
        found |= {f"Catalogue card: {view.title}.", f"Version {view.summary.version} of {view.title}.", "icdref authors"}
        for section in view.sections:
            found |= {section.title, section.notice, f"{section.withheld} statements are withheld from this section."}
            if not section.statements:
                found.add("No fact with a citable source was found for this section.")
        for code, title in view.displays.items():
            found |= {f"ICD-10-CM {code} {title}{below}" for below in ("", " and every code below it")}
        for staging in view.summary.stagings:
            found |= {staging.name, f"Applies to: {staging.applies_to}.", f"From {', '.join(staging.sources)}."}
            found |= {f"{each.name}: {each.meaning}" for each in staging.classes}
        others = [source for other in view.opposed.values() for source in other.sources]
        for source in (*view.summary.sources, *others):
            marked = f"{source.citation} {identifiers(source)}"
            found |= {source.citation, plain(marked), plain(f"{marked} {source_url(source)}")}
        found |= {form_line(each.form) for each in view.summary.statements if each.form}
        found.add(seed_line(view))
        return found - {""}


# --- FHIR ------------------------------------------------------------------------------------------------------------


def narratives(resource: Any) -> Iterator[str]:
    """Yield every narrative in a resource."""
    if isinstance(resource, dict):
        for key, value in resource.items():
            if key == "div" and isinstance(value, str):
                yield value
            else:
                yield from narratives(value)
    elif isinstance(resource, list):
        for each in resource:
            yield from narratives(each)


def blocks(narrative: str) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of each innermost block of a narrative, and of text that stands in none."""
    root = etree.fromstring(narrative)
    for element in root.iter():
        if etree.QName(element).localname not in _BLOCKS:
            assert not (element.text or "").strip() or _inside_block(element), etree.tostring(element)
            continue
        if any(etree.QName(child).localname in _BLOCKS | {"ul", "ol"} for child in element.iterdescendants()):
            continue
        yield element.get("id", ""), plain("".join(element.itertext()))


def _inside_block(element: Any) -> bool:
    return any(etree.QName(above).localname in _BLOCKS for above in element.iterancestors())


def unaccounted(document: dict[str, Any], store: Store, view: SummaryView) -> list[str]:
    """Return the sentences of a document that no stored text accounts for."""
    beside = store.of_view(view)
    lost = []
    for narrative in narratives(document):
        for identifier, text in blocks(narrative):
            if identifier in store.statements:
                if store.statements[identifier] != text:
                    lost.append(f"{identifier}: {text}")
            elif text not in beside and not _is_mark(text, store) and text not in store.patient:
                lost.append(text)
    return lost + [text for text in _data_texts(document) if text not in store.texts]


def _data_texts(value: Any) -> Iterator[str]:
    """Yield the statement texts that extensions carry."""
    if isinstance(value, dict):
        if value.get("url") == "other-position":
            yield from (part["valueString"] for part in value["extension"] if part["url"] == "text")
        for each in value.values():
            yield from _data_texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _data_texts(each)


def _is_mark(text: str, store: Store) -> bool:
    """Tell whether a line is what stands under a statement, every part of it stored."""
    topics, positions, notes = store.conflicts
    if found := re.fullmatch(rf"Other position: (.+) \({_GRADE}; [a-z0-9, -]+; [a-z-]+, [a-z0-9.]+\)", text):
        return found[1] in store.texts
    found = re.fullmatch(
        rf"{_GRADE}; from [A-Za-z0-9, -]+?(?:; weeks \d+ to \d+)?(?:; sources disagree on (?P<said>.+?))?\.", text
    )
    if not found:
        return False
    said = found["said"]
    if said is None:
        return True
    return any(
        said == f"{topic}: {position}{against}{f' ({note})' if note else ''}"
        for topic in topics
        for position in positions
        if said.startswith(f"{topic}: {position}")
        for note in (*notes, "")
        for against in ("", *re.findall(r"(?:, against [a-z]+\.[a-z]+\.\d+)+", said))
    )


# --- the command line ------------------------------------------------------------------------------------------------


def printed(knowledge: Knowledge, *, summary: bool = True) -> list[str]:
    """Return what `icdref summary` prints, one entry per line, without frames and padding; the summary itself if asked."""
    console = Console(file=io.StringIO(), width=_WIDE, color_system=None)
    print_trace(console, knowledge.traces[0])
    for view in knowledge.summaries[:1] if summary else ():
        print_summary(console, view)
    if knowledge.card:
        print_card(console, knowledge.card)
    lines = console.file.getvalue().splitlines()
    return [line for each in lines if (line := plain(each.strip(" │╭╮╰╯─━┃┏┓┗┛•▌")))]


def unaccounted_lines(knowledge: Knowledge, store: Store, *, summary: bool = True) -> list[str]:
    """Return the printed lines that no stored text and no fact of the code set accounts for."""
    beside = _beside(knowledge, store)
    lines = [line for line in printed(knowledge, summary=summary) if line not in beside and line not in store.seen]
    lost = [line for line in lines if not _is_line(line, store, knowledge)]
    store.seen.update(line for line in lines if line not in lost)
    return lost


def _beside(knowledge: Knowledge, store: Store) -> set[str]:
    found = {dict(SECTIONS)["references"], "Related conditions"}
    trace = knowledge.traces[0]
    asked = trace.normalised or trace.requested
    found |= {plain(f"{asked} {trace.display}"), plain(trace.notice), f"also concerns this code: {', '.join(trace.also)}"}
    found.add(f"{trace.relation}: summary {trace.summary} {trace.summary_version}, bound to {trace.bound_code}")
    for view in knowledge.summaries[:1]:
        found |= {plain(each) for each in store.of_view(view)}
        found |= {plain(f"{name}: {value}") for name, value in source_attributes(view)}
        found |= {f"{staging.name} ({staging.applies_to})" for staging in view.summary.stagings}
        found.add(plain("Names: " + "; ".join(f"{each.text} ({each.kind})" for each in view.summary.synonyms)))
        for relation in view.summary.relations:
            why = f" [{relation.why}]" if relation.why else ""
            found.add(f"- {relation.kind}: {relation.target} {', '.join(relation.codes)}".strip() + why)
        if view.patient_text:
            found.add(f"This text rests on the statements {', '.join(view.patient_text.based_on)}.")
    if card := knowledge.card:
        found |= {plain(f"- {fact}") for fact in card.facts} | {plain(f"{code} {title}") for code, title in card.choices}
        for heading, lines in card_sections(card).items():
            found |= {heading, *(plain(f"- {line}") for line in lines)}
        release = card.lookup.choice.release.version
        found.add(f"ICD-10-CM {release}, edition {card.lookup.choice.edition}. {card.intended_use}")
    return found


def _is_line(line: str, store: Store, knowledge: Knowledge) -> bool:
    if found := re.fullmatch(r"- (.+) \[[ABCD]; [A-Za-z0-9, -]+\]", line):
        return found[1] in store.texts
    if found := re.fullmatch(r"Other position: (.+) \[[ABCD]; [A-Za-z0-9, -]+; [a-z0-9.]+\]", line):
        return found[1] in store.texts
    topics, positions, notes = store.conflicts
    if found := re.fullmatch(r"Sources disagree \((.+?)\): here (.+)", line):
        return found[1] in topics and any(
            plain(f"{position}. {note}") == found[2] for position in positions for note in (*notes, "")
        )
    if any(
        line == plain(f"{source.id} {source.citation} {identifiers(source)} {source_url(source)} (read: {source.read})")
        for source in _sources(knowledge)
    ):
        return True
    return line in store.patient


def _sources(knowledge: Knowledge) -> Iterator[Any]:
    for view in knowledge.summaries:
        yield from view.summary.sources
        for other in view.opposed.values():
            yield from other.sources
