"""What is found out while one coded value is validated: issues, messages, and what the answer says about the code."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Final

from icdref.issues import Issue
from icdref.service.valuesets.displays import Displays
from icdref.service.valuesets.languages import Language, language

_FAULTS_OF_ONE_INCLUDE: Final = frozenset({"invalid-code", "vs-invalid", "not-found"})
"""Kinds of errors that say no more than that one include does not have a code, or not in its version."""

Mark = tuple[int, int, tuple[str, ...]]
"""A point in the findings: how many issues and messages there were, and which systems were unknown."""


@dataclass
class Findings:
    """The findings about all codings of one value.

    `messages` become the message of the answer; `unknown` are canonicals of systems that could not be found; `said` the
    unknown codes that were reported. The inactive code is the first one met, with its place.
    """

    issues: list[Issue] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    normalised: str = ""
    is_inactive: bool = False
    inactive_path: str = ""
    inactive_code: str = ""
    status: str = ""
    implied_system: str = ""
    has_own_status: bool = False

    def add(self, issue: Issue, *, once: bool = False, message: bool = False) -> bool:
        """Add an issue (`once`: unless its text is there), and its text to the messages; tell whether it was added."""
        if once and any(each.text == issue.text for each in self.issues):
            return False
        self.issues.append(issue)
        if message:
            self.messages.append(issue.text)
        return True

    def say(self, text: str) -> None:
        """Add a message, once."""
        if text not in self.messages:
            self.messages.append(text)

    def mark(self) -> Mark:
        """Return the point that the findings have reached."""
        return len(self.issues), len(self.messages), tuple(self.unknown)

    def verdict_since(self, mark: Mark) -> str:
        """Return what the errors since a mark make of a member: `sure`, `doubtful` where its version differs, else `wrong`."""
        found = {issue.tx for issue in self.issues[mark[0] :] if issue.severity == "error"}
        if not found:
            return "sure"
        return "doubtful" if found <= _FAULTS_OF_ONE_INCLUDE else "wrong"

    def forget_faults(self, start: Mark, end: Mark) -> None:
        """Forget what includes lacked between two marks.

        It is for a code that a later include has without a fault: what others lack does not make it invalid.
        """
        if start == end:
            return
        between = self.issues[start[0] : end[0]]
        kept = [each for each in between if each.severity != "error" or each.tx not in _FAULTS_OF_ONE_INCLUDE]
        gone = {each.text for each in between} - {each.text for each in kept}
        self.issues[start[0] : end[0]] = kept
        self.messages[start[1] : end[1]] = [each for each in self.messages[start[1] : end[1]] if each not in gone]
        self.unknown = {name: None for name in self.unknown if name in start[2] or name not in end[2]}

    def copy(self) -> Findings:
        """Return the same findings, to come back to."""
        return replace(
            self, issues=list(self.issues), messages=list(self.messages), unknown=dict(self.unknown), said=set(self.said)
        )

    def become(self, other: Findings) -> None:
        """Go back to findings that were copied."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))

    @property
    def has_errors(self) -> bool:
        """Tell whether anything found is an error."""
        return any(issue.severity in ("error", "fatal") for issue in self.issues)

    def note_status(self, status: str, path: str, code: str, *, inactive: bool) -> None:
        """Take note of the status of a code; an inactive one met before keeps its place."""
        if not self.is_inactive:
            self.is_inactive = inactive
            self.inactive_path, self.inactive_code = path, code
            self.status = status

    def note_inactive(self, status: str, path: str, code: str) -> None:
        """Take note of an inactive code that does not count as a member."""
        self.is_inactive = True
        self.inactive_path, self.inactive_code, self.status = path, code, status


@dataclass
class OneCoding:
    """What is found out about one coding: its texts, the version that answered and what that is."""

    displays: Displays = field(default_factory=Displays)
    version: str = ""
    content: str = ""
    default_language: Language | None = field(default_factory=lambda: language("en"))

    def copy(self) -> OneCoding:
        """Return the same, to come back to."""
        found = replace(self, displays=Displays())
        found.displays.texts = list(self.displays.texts)
        return found

    def become(self, other: OneCoding) -> None:
        """Go back to what was copied."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))
