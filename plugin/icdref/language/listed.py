"""Lists of words written as text, one blank apart, so that a list of hundred words is read like a sentence."""

from __future__ import annotations


def listed(*texts: str) -> tuple[str, ...]:
    """Return the words of texts, in order.

    >>> listed("right left", "both")
    ('right', 'left', 'both')
    """
    return tuple(word for text in texts for word in text.split())
