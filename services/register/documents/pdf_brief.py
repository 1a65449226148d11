"""A brief as PDF: A4 upright, what the register knows filled in, open lines for the rest, and lines to sign on."""

from typing import IO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from services.register.documents.fonts import Face
from services.register.documents.pdf_pages import LEADING, Pages, feet_of
from shared.domain.registering.brief import Brief, Section

_PT, _PT_TITLE, _PT_HEADING = 9.5, 16.0, 11.0
_LABEL = 52 * mm
_SHADE = 0.9


def write_brief(file: IO[bytes], face: Face, brief: Brief, language: str) -> None:
    """The mark that nobody has checked it stands on top and at the foot of every page."""
    pages = Pages(file, face, A4, brief.title, feet_of(brief.mark, language))
    pages.begin()
    pages.centred(brief.title, _PT_TITLE)
    pages.y -= 3 * mm
    _boxed(pages, brief.mark)
    for section in brief.sections:
        _section(pages, section)
    _sign(pages, brief.signed)
    pages.finish()


def _boxed(pages: Pages, text: str) -> None:
    lines = pages.broken(text, pages.room - 4 * mm, _PT)
    height = len(lines) * _PT * LEADING + 3 * mm
    pages.box(pages.left, pages.y, pages.room, height, shade=_SHADE)
    for place, line in enumerate(lines):
        pages.text(pages.left + 2 * mm, pages.y - 1.5 * mm - _PT * (place * LEADING + 0.95), line, _PT)
    pages.y -= height + 2 * mm


def _section(pages: Pages, section: Section) -> None:
    if pages.rest < 20 * mm:
        pages.begin()
    pages.y -= 2 * mm
    pages.both_sides(section.heading, "", _PT_HEADING)
    pages.y -= 1 * mm
    for label, text in section.said:
        _said(pages, label, text)


def _said(pages: Pages, label: str, text: str) -> None:
    labels = pages.broken(label, _LABEL - 2 * mm, _PT)
    texts = pages.broken(text, pages.room - _LABEL, _PT)
    for place in range(max(len(labels), len(texts))):
        if pages.rest < _PT * LEADING:
            pages.begin()
        pages.y -= _PT * LEADING
        if place < len(labels):
            pages.text(pages.left, pages.y, labels[place], _PT)
        if place < len(texts):
            pages.text(pages.left + _LABEL, pages.y, texts[place], _PT)
    pages.y -= 1 * mm


def _sign(pages: Pages, signed: tuple[str, ...]) -> None:
    if pages.rest < 28 * mm:
        pages.begin()
    pages.y -= 14 * mm
    each = pages.room / len(signed)
    for place, label in enumerate(signed):
        x = pages.left + place * each
        pages.text(x, pages.y + 3 * mm, label, _PT)
        pages.rule(x, pages.y - 5 * mm, each - 8 * mm)
    pages.y -= 8 * mm
