"""A problem in a topology file."""

import msgspec

from trustmed.topology.file.lines import KeyPath


class Problem(msgspec.Struct, frozen=True):
    """A problem, in both languages. `path` leads to the key, `line` is counted from 1."""

    path: KeyPath
    line: int
    ru: str
    en: str

    @property
    def key(self) -> str:
        """The key as a person writes it: site[2].shard is in the second of the [[site]] tables."""
        text = ""
        for part in self.path:
            text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
        return text

    def place(self, language: str) -> str:
        """Return line and key in words."""
        word = "line" if language == "en" else "строка"
        return f"{word} {self.line}" + (f", {self.key}" if self.path else "")
