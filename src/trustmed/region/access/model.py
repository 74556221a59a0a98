"""Who reads a person's rows, and on what ground."""

from typing import Literal
from uuid import UUID

import msgspec

from trustmed.audit.actions import Action


class Reader(msgspec.Struct, frozen=True):
    """A client system or an account of the region's staff; `actor` is its id, never a secret.

    `organization_id`: the organisation whose staff reads through the client system, if it is one's.
    """

    actor: str
    actor_name: str
    channel: Literal["portal", "region"]
    ground: Literal["own", "treatment", "consent", "break_glass", "service"]
    detail: str | None = None
    organization_id: int | None = None


class Access(msgspec.Struct, frozen=True):
    """One access to the rows of one person, or to rows of nobody in particular (`person_id` None)."""

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
