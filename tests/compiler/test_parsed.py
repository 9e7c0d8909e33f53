"""What an import read is handed on to the compiler once, and only for the very same content."""

from __future__ import annotations

from icdref.compiler.parsed import Parsed
from icdref.importers.order import OrderRow, read_order
from tests.order_files import order_file

ROWS = [("A00", False, "Cholera"), ("A00.0", True, "Cholera due to Vibrio cholerae 01, biovar cholerae")]


def test_what_was_read_is_taken_once_and_for_the_same_content_only():
    content = order_file(ROWS)
    rows = read_order(content, "order.txt")
    assert rows[0] == OrderRow("A00", False, "Cholera", "Cholera")
    parsed = Parsed()
    assert parsed.take(content) is None
    parsed.keep(content, rows)
    assert parsed.take(content + b" ") is None
    assert parsed.take(content) is rows
    assert parsed.take(content) is None


def test_only_the_last_file_is_kept():
    first, second = order_file(ROWS), order_file(ROWS[:1])
    parsed = Parsed()
    parsed.keep(first, ())
    parsed.keep(second, ())
    assert parsed.take(first) is None
    assert parsed.take(second) == ()
