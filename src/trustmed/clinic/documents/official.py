"""The official rules at a site: the installed pack, and verdicts kept by the SHA-256 of the bytes."""

import asyncio
import os
from pathlib import Path
from threading import Lock

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from trustmed.clinic.documents.model import Verdict
from trustmed.db.queries import load
from trustmed.semd.rules.check import Finding, RulePack, check, installed_kinds, load_pack

sql = load(__package__)
VARIABLE = "TRUSTMED_SEMD_DIR"


class OfficialRules:
    """The pack of rules in a folder, compiled at the first use; `folder` None: none is installed."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._packs: dict[str, RulePack] = {}
        self._loading = Lock()

    @classmethod
    def installed(cls) -> "OfficialRules":
        """By the environment: TRUSTMED_SEMD_DIR names the folder."""
        named = os.environ.get(VARIABLE)
        return cls(Path(named) if named else None)

    def covers(self, kind: str) -> bool:
        return self._folder is not None and kind in installed_kinds(self._folder)

    async def pack(self, kind: str) -> RulePack | None:
        """The pack of a kind, None where there is none. Raises rules.RulesBroken."""
        if kind in self._packs:
            return self._packs[kind]
        return await asyncio.to_thread(self._load, kind) if self.covers(kind) else None

    async def judge(self, kind: str, content: bytes, sha256: bytes) -> Verdict | None:
        """What the rules say of these bytes; None where no pack is installed."""
        pack = await self.pack(kind)
        if pack is None:
            return None
        found = await asyncio.to_thread(check, pack, content)
        findings = tuple(in_words(finding) for finding in found.findings)
        return Verdict(sha256, kind, found.pack_digest, found.passed, found.rules_checked, findings)

    def _load(self, kind: str) -> RulePack:
        with self._loading:
            if kind not in self._packs and self._folder is not None:
                self._packs[kind] = load_pack(self._folder, kind)
            return self._packs[kind]


def in_words(finding: Finding) -> str:
    where = f" ({finding.location}, {finding.line})" if finding.line else f" ({finding.location})"
    return f"[{finding.rule}] {finding.text}{where}"


async def kept(connection: AsyncConnection, organization_id: int, sha256: bytes) -> Verdict | None:
    """The verdict on these bytes, within a tenant's transaction."""
    async with connection.cursor(row_factory=class_row(Verdict)) as cursor:
        await cursor.execute(sql["find_verdict"], {"organization_id": organization_id, "sha256": sha256})
        return await cursor.fetchone()


async def keep(connection: AsyncConnection, organization_id: int, verdict: Verdict) -> None:
    """Keep a verdict, within a tenant's transaction."""
    values = {
        "organization_id": organization_id,
        "sha256": verdict.sha256,
        "kind": verdict.kind,
        "pack_digest": verdict.pack_digest,
        "passed": verdict.passed,
        "rules_checked": verdict.rules_checked,
        "findings": Jsonb(list(verdict.findings)),
    }
    await connection.execute(sql["keep_verdict"], values)
