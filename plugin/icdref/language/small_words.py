"""Words of a question that say a side, or that it can lose without becoming another question."""

from __future__ import annotations

from typing import Final

from icdref.language.listed import listed
from icdref.language.titles import NEGATORS

SIDES: Final = {
    **dict.fromkeys(("right", "r", "rt"), "right"),
    **dict.fromkeys(("left", "l", "lt"), "left"),
    **dict.fromkeys(("both", "bilateral", "bilat", "bil", "b/l", "bilaterally"), "both"),
}
"""What is written for a side, and the side."""

NEGATING: Final = NEGATORS | frozenset(listed("non denies denied denying"))
"""Words after which a question rules something out: those of titles, and those of notes about patients."""

LIGHT: Final = frozenset(
    listed(
        "after following during while when recent new bad big small large little some deep",
        "baby child kid boy girl man woman wife husband son daughter mom mother dad father",
        "status under below above behind beneath near around inside outside elsewhere classified stated specified",
    )
)
"""Words that weigh next to nothing."""
