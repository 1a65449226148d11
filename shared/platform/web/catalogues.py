"""The words of all pages: Chinese as written in them, English from catalogues in gettext's format, one a page."""

import io
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = ("zh", "en")
SHARED = Path(__file__).parent / "templates"


def read_english(folders: Iterable[Path]) -> Catalog:
    """All catalogues of these folders as one; later ones add to it. Nothing is compiled beforehand."""
    whole = Catalog(locale="en")
    for folder in folders:
        for path in sorted(folder.glob("*.en.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale="en"):
                    if message.id and message.string:
                        whole.add(message.id, message.string)
    return whole


def translations_of(english: Catalog) -> dict[str, NullTranslations]:
    """By language; a text without English shows its Chinese."""
    made = io.BytesIO()
    write_mo(made, english)
    made.seek(0)
    return {"zh": NullTranslations(), "en": Translations(made)}


def as_table(english: Catalog) -> dict[str, str]:
    """For the scripts of pages."""
    return {str(message.id): str(message.string) for message in english if message.id and message.string}
