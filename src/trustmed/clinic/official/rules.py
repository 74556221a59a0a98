"""The pack of official rules that is installed at a site."""

import asyncio
import os
from pathlib import Path
from threading import Lock

from trustmed.clinic.official.verdicts import Verdict
from trustmed.semd.rules.check import Finding, RulePack, check, installed_kinds, load_pack

VARIABLE = "TRUSTMED_SEMD_DIR"


class OfficialRules:
    """The packs of rules in a folder, each compiled at its first use; `folder` is None if none is installed."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._packs: dict[str, RulePack] = {}
        self._loading = Lock()

    @classmethod
    def installed(cls) -> "OfficialRules":
        """Return the rules in the folder that the environment variable TRUSTMED_SEMD_DIR names."""
        named = os.environ.get(VARIABLE)
        return cls(Path(named) if named else None)

    def covers(self, kind: str) -> bool:
        return self._folder is not None and kind in installed_kinds(self._folder)

    async def pack(self, kind: str) -> RulePack | None:
        """Return the pack of a kind, None if there is none. Raises rules.RulesBroken."""
        if kind in self._packs:
            return self._packs[kind]
        return await asyncio.to_thread(self._load, kind) if self.covers(kind) else None

    async def judge(self, kind: str, content: bytes, sha256: bytes) -> Verdict | None:
        """Check these bytes by the rules of their kind; None if no pack is installed."""
        pack = await self.pack(kind)
        if pack is None:
            return None
        found = await asyncio.to_thread(check, pack, content)
        findings = tuple(in_words(finding) for finding in found.findings)
        return Verdict(sha256, kind, found.pack_digest, found.passed, found.rules_checked, findings)

    def _load(self, kind: str) -> RulePack:
        with self._loading:  # threads that come at once must not compile the pack twice
            if kind not in self._packs and self._folder is not None:
                self._packs[kind] = load_pack(self._folder, kind)
            return self._packs[kind]


def in_words(finding: Finding) -> str:
    where = f" ({finding.location}, {finding.line})" if finding.line else f" ({finding.location})"
    return f"[{finding.rule}] {finding.text}{where}"
