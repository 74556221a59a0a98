"""One thing wrong in a topology file."""

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """`path` leads to the key (indices of repeated tables are from 0), `line` is from 1."""

    path: tuple[str | int, ...]
    line: int
    ru: str
    en: str

    @property
    def key(self) -> str:
        """As a person writes it: site[2].shard, the second of the [[site]] tables."""
        text = ""
        for part in self.path:
            text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
        return text

    def place(self, language: str) -> str:
        word = "line" if language == "en" else "строка"
        return f"{word} {self.line}" + (f", {self.key}" if self.path else "")
