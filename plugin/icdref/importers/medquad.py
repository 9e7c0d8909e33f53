"""Collections in the form of MedQuAD: questions and answers of public institutes about one disease, an XML file each.

Only the answer that says what the disease is (`qtype="information"`) is read, and of it the first sentences that say
nothing about treatment: the texts are of 2016 to 2019. Source: Ben Abacha and Demner-Fushman, BMC Bioinformatics 2019;20:511.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from icdref.importers.errors import ImportFault
from icdref.importers.xml_nodes import Node, parse

RELEASE = "2019"
_ROOT = "Document"
_MOST_SENTENCES = 3
_MOST_WORDS = 90
_CUI = re.compile(r"\AC[0-9]{7}\Z", re.ASCII)
_TREATMENT = re.compile(
    r"treat|therap|surg|medic(?:in|at)|drug|dose|transplant|vaccin|prescri|chemo|antibiotic|clinical trial|remed", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_ASIDE = re.compile(r"\bEspa(?:ñ)?ol\b|^Summary\s*:?\s*", re.IGNORECASE)
_BLOCK = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one document says a disease is: `cuis` are UMLS concepts, `text` '' where nothing usable is left."""

    id: str
    source: str
    url: str
    focus: str
    cuis: tuple[str, ...]
    text: str


def is_document(content: bytes) -> bool:
    """Tell whether a file has the form of such a document."""
    return b"<Document" in content[:400] and b"<QAPairs" in content


def read_document(content: bytes, file: str) -> Answer | None:
    """Return the answer of a document, None where it has none of the kind read. Raises ImportFault naming file and line."""
    root = parse(content, file)
    if root.tag != _ROOT:
        raise ImportFault(file, root.line, f"the root element is {root.tag}, not {_ROOT}")
    identifier, source = root.attributes.get("id", ""), root.attributes.get("source", "")
    if not identifier or not source:
        raise ImportFault(file, root.line, "the document has no id or no source")
    for pair in (pair for pairs in root.named("QAPairs") for pair in pairs.named("QAPair")):
        question = next(pair.named("Question"), None)
        if question is not None and question.attributes.get("qtype") == "information":
            asked = question.attributes.get("qid", identifier)
            text = opening(next((answer.text for answer in pair.named("Answer")), ""))
            return Answer(asked, source, root.attributes.get("url", ""), root.first_text("Focus"), _cuis(root), text)
    return None


def opening(answer: str) -> str:
    r"""Return the first sentences of an answer that speak of no treatment, at most three.

    >>> opening("Key Points - x.\n\n Gout is a kind of arthritis. It hurts. Drugs can treat it.")
    'Gout is a kind of arthritis. It hurts.'
    """
    blocks = [block for block in _BLOCK.split(answer) if block.strip() and not block.strip().startswith("Key Points")]
    text = " ".join(_ASIDE.sub(" ", blocks[0]).split()) if blocks else ""
    kept: list[str] = []
    for sentence in _SENTENCE.split(text):
        if _TREATMENT.search(sentence) or not sentence.endswith((".", "!", "?")):
            break
        kept.append(sentence)
        if len(kept) == _MOST_SENTENCES or sum(len(each.split()) for each in kept) > _MOST_WORDS:
            break
    return " ".join(kept)


def _cuis(root: Node) -> tuple[str, ...]:
    found = [
        cui.text.strip()
        for annotations in root.named("FocusAnnotations")
        for umls in annotations.named("UMLS")
        for cuis in umls.named("CUIs")
        for cui in cuis.named("CUI")
    ]
    return tuple(cui for cui in dict.fromkeys(found) if _CUI.match(cui))
