"""Whether the display that came with a code is one of its names, in the languages asked for."""

from __future__ import annotations

from icdref import issues_terminology as texts
from icdref.issues import Issue
from icdref.service.valuesets.displays import Displays
from icdref.service.valuesets.languages import Language
from icdref.service.valuesets.options import Options


def display_of_member(
    displays: Displays, default: Language | None, system: str, code: str, display: str, options: Options, path: str
) -> tuple[Issue | None, bool]:
    """Return what is to be said about the display of a code that is in the value set, and whether it is a message too."""
    asked = options.languages
    if displays.has(display, asked):
        if displays.has(display, asked, in_use=True):
            return None, False
        right, status = displays.allowed(), displays.status(display)
        return texts.display_outdated(display, code, right, status, path, _severity(options)), False
    count, severity = displays.count(asked, displays_only=True), _severity(options)
    said = options.languages_said
    if count == 0:
        severity = "warning"
        count = displays.count(asked, displays_only=False)
    if count == 0:
        preferred = displays.preferred(None)
        if preferred is None:
            return texts.display_unknowable(display, system, code, said, path), True
        if displays.has(display, asked, default):
            return texts.display_of_default_language(display, system, code, said, path), True
        severity = _severity(options)
        return texts.display_wrong_in_any_language(display, system, code, said, preferred.value, path, severity), True
    blanks = displays.has_but_for_blanks(display, asked)
    valid = displays.present(asked, displays_only=True)
    return texts.display_differs(display, system, code, valid, count, said, path, severity, blanks=blanks), True


def display_of_stranger(
    displays: Displays, default: Language | None, system: str, code: str, display: str, options: Options, path: str
) -> Issue | None:
    """Return what is to be said about the display of a code that is known, yet not in the value set."""
    asked = options.languages
    if displays.has(display, asked, default):
        return None
    count, said = displays.count(asked, displays_only=True), options.languages_said
    if count == 0:
        return texts.display_unknowable(display, system, code, said, path)
    blanks = displays.has_but_for_blanks(display, asked, default)
    valid = displays.present(asked, displays_only=True)
    return texts.display_differs(display, system, code, valid, count, said, path, _severity(options), blanks=blanks)


def _severity(options: Options) -> str:
    return "warning" if options.lenient_display else "error"
