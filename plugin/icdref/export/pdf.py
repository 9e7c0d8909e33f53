"""A leaflet as PDF, for systems that hand out files: embedded typeface, accents right, banner and sources on every copy.

Needs the optional extra `pdf` (fpdf2). The same leaflet gives the same bytes: the only date in it is that of the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Final

from icdref import __version__
from icdref.export.leaflet import Block, Leaflet

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT: Final = "Atkinson"
_INK, _QUIET, _ACCENT = (20, 33, 42), (80, 97, 108), (10, 92, 117)
_STOP, _STOP_LINE = (253, 238, 238), (209, 67, 74)
_WARN, _WARN_LINE = (253, 243, 223), (224, 166, 58)
_WHOLE: Final = 60.0
"""Millimetres: a paragraph up to this height stands whole on one page."""

_SPELT: Final = str.maketrans({"≥": ">=", "≤": "<=", "→": "->", "\u2011": "-", "\u00a0": " ", "\u202f": " ", "×": "×"})
"""What the typeface lacks and can be spelt otherwise without changing what is said."""


class CannotWrite(Exception):
    """A text that cannot be set as PDF, or a missing library; says what to do."""


def to_pdf(it: Leaflet) -> bytes:
    """Return a leaflet as PDF. Raises CannotWrite where fpdf2 is missing or a character is not in the typeface."""
    try:
        from fpdf import FPDF  # noqa: PLC0415 -- an optional extra
        from fpdf.fonts import TTFFont  # noqa: PLC0415
    except ImportError:
        raise CannotWrite("PDF needs fpdf2: pip install 'icdref[pdf]'") from None
    sheet = _sheet(FPDF, it)
    try:
        _refuse_unknown(sheet, it)
        _fill(sheet, it)
        return bytes(sheet.output())
    finally:
        for font in sheet.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()  # fpdf2 leaves the files of its typefaces open


def _fill(sheet: FPDF, it: Leaflet) -> None:
    sheet.add_page()
    _head(sheet, it)
    for title, text, grade in it.warnings:
        _box(sheet, [(title, 11, True), (f"{text} [{grade}]", 10.5, False)], _STOP, _STOP_LINE)
    _box(sheet, [(text, 10.5 if at == 0 else 8.5, at == 0) for at, text in enumerate(it.standing)], _WARN, _WARN_LINE)
    if it.safety:
        lines = [(it.safety_title, 11.0, True), *((_spoken(each), 9.5, each.kind == "heading") for each in it.safety)]
        _box(sheet, lines, _STOP, _STOP_LINE)
    _body(sheet, it.body, 12 if it.audience == "patient" else 10.5)
    _sources(sheet, it)


def _sheet(base: type[FPDF], it: Leaflet) -> FPDF:
    class Sheet(base):  # type: ignore[misc, valid-type]
        """A sheet whose foot says on every page what it is and how far it may be trusted."""

        def footer(self) -> None:
            self.set_y(-17)
            self.set_draw_color(*_QUIET)
            self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
            self.set_font(_FONT, size=7.5)
            self.set_text_color(*_QUIET)
            self.set_y(-15.5)
            self.multi_cell(0, 3.6, _spelt(f"{it.footer}\n{it.code} · {self.page_no()} / {{nb}}"), align="L")

    sheet: FPDF = Sheet(format="Letter", unit="mm")
    fonts = resources.files("icdref.export") / "fonts"
    for style, name in (("", "regular"), ("B", "bold")):
        with resources.as_file(fonts / f"atkinson-hyperlegible-next-{name}.ttf") as path:
            sheet.add_font(_FONT, style, str(path))
    sheet.set_margins(20, 18, 20)
    sheet.set_auto_page_break(auto=True, margin=22)
    sheet.set_title(f"{it.title} ({it.code})")
    sheet.set_author("icdref")
    sheet.set_creator(f"icdref {__version__}")
    sheet.set_lang(it.language)
    sheet.set_creation_date(datetime.fromisoformat(it.revised).replace(tzinfo=UTC))
    return sheet


def _head(sheet: FPDF, it: Leaflet) -> None:
    _write(sheet, f"{it.code}  {it.display}", 10.5, colour=_ACCENT, bold=True)
    sheet.ln(0.8)
    _write(sheet, it.title, 21, bold=True)
    if it.notice:
        _write(sheet, it.notice, 9, colour=_QUIET)
    sheet.ln(2)


def _body(sheet: FPDF, blocks: Iterable[Block], size: float) -> None:
    for block in blocks:
        if block.kind in ("heading", "subheading"):
            if sheet.will_page_break(22):  # a heading never stands alone at the foot of a page
                sheet.add_page()
            sheet.ln(2.5)
            if block.kind == "heading":
                sheet.start_section(_spelt(block.text))
            _write(sheet, block.text, size + (3 if block.kind == "heading" else 1), bold=True)
            sheet.ln(0.8)
        elif block.kind == "remark":
            _write(sheet, block.text, size - 1.5, colour=_QUIET)
        else:
            _write(sheet, _spoken(block), size)
            sheet.ln(1)


def _sources(sheet: FPDF, it: Leaflet) -> None:
    from fpdf.enums import WrapMode  # noqa: PLC0415 -- an optional extra

    sheet.ln(3)
    _write(sheet, "Sources", 11, bold=True)
    for text, link in it.sources:
        _write(sheet, text, 8, colour=_QUIET)
        if link:
            sheet.set_font(_FONT, size=8)
            sheet.set_text_color(*_ACCENT)
            sheet.multi_cell(0, 3.8, _spelt(link), link=link, align="L", wrapmode=WrapMode.CHAR, new_x="LMARGIN", new_y="NEXT")
        sheet.ln(0.6)
    if it.address:
        sheet.ln(1)
        sheet.set_font(_FONT, size=9)
        sheet.cell(0, 4.4, it.address, link=it.address, new_x="LMARGIN", new_y="NEXT")


def _spoken(block: Block) -> str:
    return f"•  {block.text}" if block.kind == "item" else block.text


def _write(
    sheet: FPDF, text: str, size: float, *, colour: tuple[int, int, int] = _INK, bold: bool = False, indent: float = 0
) -> None:
    sheet.set_font(_FONT, "B" if bold else "", size)
    sheet.set_text_color(*colour)
    width, line = sheet.epw - 2 * indent, size * 0.353 * 1.42
    height = float(sheet.multi_cell(width, line, _spelt(text), dry_run=True, output="HEIGHT"))  # type: ignore[arg-type]
    if height < _WHOLE and sheet.will_page_break(height):
        sheet.add_page()
    sheet.set_x(sheet.l_margin + indent)
    sheet.multi_cell(width, line, _spelt(text), align="L", new_x="LMARGIN", new_y="NEXT")


def _box(sheet: FPDF, lines: list[tuple[str, float, bool]], fill: tuple[int, int, int], line: tuple[int, int, int]) -> None:
    """Draw lines of text in a coloured box with a bar at its left; one that does not fit goes to the next page whole."""
    pad, indent = 2.5, 5.0
    height = 2 * pad
    for text, size, bold in lines:
        sheet.set_font(_FONT, "B" if bold else "", size)
        wrapped = sheet.multi_cell(sheet.epw - 2 * indent, size * 0.353 * 1.42, _spelt(text), dry_run=True, output="HEIGHT")
        height += float(wrapped)  # type: ignore[arg-type]
    if sheet.will_page_break(height):
        sheet.add_page()
    top = sheet.get_y()
    sheet.set_fill_color(*fill)
    sheet.rect(sheet.l_margin, top, sheet.epw, height, style="F")
    sheet.set_fill_color(*line)
    sheet.rect(sheet.l_margin, top, 1.4, height, style="F")
    sheet.set_y(top + pad)
    for text, size, bold in lines:
        _write(sheet, text, size, bold=bold, indent=indent)
    sheet.set_y(top + height)
    sheet.ln(3)


def _spelt(text: str) -> str:
    return text.translate(_SPELT)


def _refuse_unknown(sheet: FPDF, it: Leaflet) -> None:
    known = sheet.fonts[_FONT.lower()].cmap  # type: ignore[union-attr]
    missing = sorted({letter for text in it.texts() for letter in _spelt(text) if letter > "\u001f" and ord(letter) not in known})
    if missing:
        shown = " ".join(f"U+{ord(letter):04X}" for letter in missing[:8])
        raise CannotWrite(f"the typeface of PDF files has no {shown}, which stands in the text of {it.code}; export HTML instead")
