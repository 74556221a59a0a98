"""Questions, acts and decisions of stewards."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

from trustmed.region.index.model import PatientKey

ActKind = Literal["merge", "split", "not_same"]


class Author(msgspec.Struct, frozen=True):
    """The steward who decides."""

    login: str
    name: str


class Review(msgspec.Struct, frozen=True):
    """A question to a steward: are these two patients one person? `weight` is in bits; `priority` 1 is urgent."""

    id: UUID
    opened_at: dt.datetime
    patient: PatientKey
    other: PatientKey
    weight: float
    priority: int
    reason: str
    model: str
    explanation: dict[str, Any]
    postponed_until: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    outcome: Literal["same", "not_same", "moot"] | None = None
    closed_by: str | None = None
    closing_reason: str | None = None


class QueueCount(msgspec.Struct, frozen=True):
    """How many questions of a priority wait, how many are put off, and when the oldest of them was asked."""

    priority: int
    waiting: int
    postponed: int
    oldest: dt.datetime


class Act(msgspec.Struct, frozen=True):
    """A steward's act. merge: `other_person_id` went into `person_id`; split: it left it; not_same: they are two."""

    id: UUID
    at: dt.datetime
    kind: ActKind
    person_id: UUID
    other_person_id: UUID
    author: str
    author_name: str
    reason: str
    undone_at: dt.datetime | None = None
    undone_by: str | None = None
    undone_reason: str | None = None


class Decision(msgspec.Struct, frozen=True):
    """One line of a person's history."""

    id: UUID
    at: dt.datetime
    kind: str
    patient: PatientKey | None
    person_id: UUID
    former_person_id: UUID | None
    author_name: str
    reason: str
    act_id: UUID | None
    weight: float | None
    model: str | None
    explanation: dict[str, Any] | None


class KeptApart(msgspec.Struct, frozen=True):
    """A person that a steward said another is not, with the act and its time."""

    person_id: UUID
    act_id: UUID
    at: dt.datetime
