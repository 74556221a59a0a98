"""A visit of a patient to a doctor."""

import datetime as dt
from uuid import UUID

import msgspec


class Visit(msgspec.Struct, frozen=True):
    """`confirmed_by_name`: who, other than the doctor, noted that the patient came; None: nobody yet."""

    id: UUID
    patient_id: UUID
    employee_id: UUID
    doctor_name: str
    started_at: dt.datetime
    closed_at: dt.datetime | None
    confirmed_by_name: str | None = None
