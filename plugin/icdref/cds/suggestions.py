"""Better codes as suggestions: the Condition with its ICD-10-CM coding replaced and nothing else touched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from icdref import codes
from icdref.cds.cards import Suggestion
from icdref.cds.prefetch import Problem

MOST_SUGGESTIONS: Final = 6

_WORD: Final = re.compile(r"[a-z0-9]+")
_SAYS_NOTHING: Final = frozenset({"and", "of", "the", "in", "or", "with", "site", "sites", "other", "specified", "unspecified"})
_VAGUE: Final = frozenset({"other", "unspecified"})


def suggestions(problem: Problem, title: str, choices: Sequence[tuple[str, str]]) -> tuple[Suggestion, ...]:
    """Return one suggestion for each better code of a Condition; none where there are too many, or no Condition.

    `title` is that of the code as recorded. One is recommended only when the record's own words name its side or site, and
    those of no other choice.
    """
    if problem.resource is None or not 0 < len(choices) <= MOST_SUGGESTIONS:
        return ()
    named = named_choice(problem.text, title, choices)
    return tuple(
        Suggestion(
            label=f"{code} {display}"[:200],
            description=f"Replace the ICD-10-CM code by {code}",
            resource=with_code(problem.resource, code, display),
            recommended=code == named,
        )
        for code, display in choices
    )


def named_choice(text: str, title: str, choices: Sequence[tuple[str, str]]) -> str:
    """Return the code that a record's own words single out, '' where they name none or several.

    >>> named_choice("pain, right thigh", "X, unspecified thigh", [("1", "X, right thigh"), ("2", "X, left thigh")])
    '1'
    """
    said, known = _words(text), _words(title)
    fitting = []
    for code, display in choices:
        own = _words(display) - known
        if own - _SAYS_NOTHING and not own & _VAGUE and own - _SAYS_NOTHING <= said:
            fitting.append(code)
    return fitting[0] if len(fitting) == 1 else ""


def with_code(condition: Mapping[str, Any], code: str, display: str) -> dict[str, Any]:
    """Return a Condition in which the first ICD-10-CM coding has another code; all else is what it was."""
    concept = dict(condition["code"])
    codings, done = [], False
    for coding in concept["coding"]:
        is_ours = isinstance(coding, dict) and codes.to_system(str(coding.get("system", ""))) == codes.ICD10CM
        if is_ours and not done:
            codings.append({"system": coding["system"], "code": code, "display": display})
            done = True
        else:
            codings.append(coding)
    return {**condition, "code": {**concept, "coding": codings}}


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
