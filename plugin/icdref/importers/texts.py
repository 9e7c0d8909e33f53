"""Fixed-column and tab-separated text files: ASCII lines with their numbers, every fault named with its line."""

from __future__ import annotations

from collections.abc import Callable

from icdref import codes
from icdref.importers.errors import ImportFault


def lines(content: bytes, file: str, is_whole: Callable[[str], bool] = lambda _: False) -> list[str]:
    """Return the lines of an ASCII file without their ends. Raises ImportFault for other bytes and for a cut last line.

    CRLF and LF are both accepted, but not mixed: a file that changes its line ends in the middle was put together. A last
    line without an end is taken for cut unless `is_whole` can tell that it is not.
    """
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as error:
        raise ImportFault(file, content[: error.start].count(b"\n") + 1, "a byte outside ASCII") from None
    first, _, _ = text.partition("\n")
    end = "\r\n" if first.endswith("\r") else "\n"
    *found, last = text.split(end)
    if last and not is_whole(last):
        raise ImportFault(file, text.count("\n") + 1, "the last line has no line end: the file is cut")
    found += [last] if last else []
    rest = "".join(found)
    if not rest.replace("\t", " ").isprintable():
        number = next(number for number, line in enumerate(found, 1) if not line.replace("\t", " ").isprintable())
        raise ImportFault(file, number, "line ends are mixed, or a control character stands in a line")
    return found


def plain_code(text: str, file: str, line: int) -> str:
    """Return the code of a fixed column, with its dot. Raises ImportFault for what is not an ICD-10-CM code."""
    code = codes.from_bare(text)
    if code is None:
        raise ImportFault(file, line, f"{text!r} is not an ICD-10-CM code without dot")
    return code


def dotted_code(text: str, file: str, line: int) -> str:
    """Return a code written with its dot. Raises ImportFault."""
    code = codes.normalise(text)
    if code is None or code != text.strip() or codes.is_block(code) or codes.is_chapter(code):
        raise ImportFault(file, line, f"{text!r} is not an ICD-10-CM code")
    return code
