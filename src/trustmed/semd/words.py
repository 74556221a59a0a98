"""Texts in the two languages of the pages: names of document kinds and of their fields."""

import msgspec


class Words(msgspec.Struct, frozen=True):
    """A text in Russian and in English."""

    ru: str
    en: str

    def text(self, language: str) -> str:
        """The text in `language` ("ru" or "en"; anything else reads as Russian)."""
        return self.en if language == "en" else self.ru
