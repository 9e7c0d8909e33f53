"""Reads patient texts: TOML front matter between two lines `+++`, then a small, safe subset of Markdown.

The subset is second-level headings, paragraphs, flat lists with `-` and links to https addresses. Everything else is
refused when the text is read, so that what renders it later need not guess what a browser would do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from icdref.importers import condition_keys as keys
from icdref.importers.tables import Faults, fault_of_line, read_table
from icdref.importers.toml_files import decode, parse_toml, read_bytes
from icdref.model import PatientPart, PatientText

FENCE = "+++"

_LINK = re.compile(r"(?<!!)\[([^][]*)\]\(([^()]*)\)")
_HTTPS = re.compile(r"https://[A-Za-z0-9][\w.~:/?#@!$&*+,;=%-]*", re.ASCII)

_LINE_RULES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"#(?!# \S)|###"), "is a heading of another level", "start headings with ## and one blank"),
    (re.compile(r"[*+>|]|\d+[.)] |```|~~~|=+$|-+$|- *$"), "starts with other markup", "use paragraphs, ## and lists with - only"),
    (re.compile(r"\t|    |  +- "), "is indented", "start the line at the margin; lists have one level"),
)

_INLINE_RULES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"<"), "holds raw HTML or '<'", "write it in words"),
    (re.compile(r"&[#\w]+;"), "holds an HTML entity", "write the character itself"),
    (re.compile(r"[`*_\\]|!\["), "holds other markup", "write plain words"),
    (re.compile(r"[][]"), "holds a bracket that is no link", "write links as [text](https://...)"),
    (
        re.compile(r"\b(?:http|ftp|javascript|data|mailto|file):", re.IGNORECASE),
        "holds an address that is not https",
        "use https",
    ),
)


def read_patient_text(path: Path, faults: Faults) -> PatientText | None:
    """Return the patient text of a file, or None when any fault was found."""
    content = read_bytes(path, faults)
    text = None if content is None else decode(content, faults)
    return None if text is None else parse_patient_text(text, faults)


def parse_patient_text(text: str, faults: Faults) -> PatientText | None:
    """Return the patient text of a file's content, or None when any fault was found."""
    front, body, first_line = _split(text)
    if front is None:
        faults.add(
            "line 1", FENCE, "has no front matter", f"start with a line {FENCE}, the keys, and another line {FENCE}", rule=1
        )
        return None
    raw = parse_toml(front, faults)
    values = {} if raw is None else read_table(raw, keys.PATIENT_TEXT, faults)
    for number, line in enumerate(body.split("\n"), first_line):
        for message, fix in faults_of_markdown(line):
            faults.add(f"line {number}", line, message, fix, rule=16)
    if not body.strip():
        faults.add("", "", "has no text", f"write the text after the second line {FENCE}", rule=16)
    if faults.found:
        return None
    values["target_grade"] = float(values["target_grade"])
    values["parts"] = tuple(PatientPart(**row) for row in values.pop("part", ()))
    return PatientText(**values, body=body.strip() + "\n")


def _split(text: str) -> tuple[str | None, str, int]:
    """Return the front matter (None where there is none), the body and the number of the body's first line."""
    lines = text.split("\n")
    if lines[0] != FENCE or FENCE not in lines[1:]:
        return None, "", 0
    end = lines.index(FENCE, 1)
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2


def faults_of_markdown(line: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one line of a patient text, with the fix."""
    if not line.strip():
        return
    line = line.rstrip()
    for pattern, message, fix in _LINE_RULES:
        if pattern.match(line):
            yield message, fix
            return
    for text, address in _LINK.findall(line):
        if not text.strip() or not _HTTPS.fullmatch(address):
            yield f"holds the link {address!r}, which is not https", "link to https addresses only"
    plain = _LINK.sub(r"\1", line)
    for pattern, message, fix in _INLINE_RULES:
        if pattern.search(plain):
            yield message, fix
    hidden = fault_of_line(line.strip())
    if hidden:
        yield hidden
