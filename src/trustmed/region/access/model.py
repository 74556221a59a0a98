"""Who reads what of a person, on what ground."""

from typing import Literal
from uuid import UUID

import msgspec

from trustmed.audit.actions import Action


class Reader(msgspec.Struct, frozen=True):
    """Who reads: a client system or an account of the region's staff; `actor` is its id, not a secret.

    `organization_id`: whose staff reads through the client system, if it is an organisation's.
    """

    actor: str
    actor_name: str
    channel: Literal["portal", "region"]
    ground: Literal["own", "treatment", "consent", "break_glass", "service"]
    detail: str | None = None
    organization_id: int | None = None


class Access(msgspec.Struct, frozen=True):
    """One reading of one person's rows."""

    reader: Reader
    action: Action
    person_id: UUID | None
    document_id: UUID | None = None

    def parameters(self) -> dict[str, object]:
        return {
            "organization_id": self.reader.organization_id,
            "actor": self.reader.actor,
            "actor_name": self.reader.actor_name,
            "channel": self.reader.channel,
            "action": str(self.action),
            "ground": self.reader.ground,
            "detail": self.reader.detail,
            "person_id": self.person_id,
            "document_id": self.document_id,
        }
