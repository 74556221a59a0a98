"""The reasons for which a booking is refused."""

import datetime as dt
from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

import msgspec

from trustmed.errors import InputRefused, NotFound


class SlotMissing(NotFound):
    """The organisation has no such slot, as far as this side knows."""

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(
            f"Талона {slot_id} в этой организации нет. Возьмите его из списка свободных.",
            f"There is no slot {slot_id} in this organisation. Take one from the list of free slots.",
        )


class DayFar(InputRefused):
    """The day is outside the years of schedules."""

    def __init__(self, day: dt.date) -> None:
        super().__init__(
            f"День {day} слишком далёк для расписания. Укажите день с 2000 по 2100 год.",
            f"Day {day} is too far for a schedule. Give one of the years 2000 to 2100.",
        )


class BookingMissing(NotFound):
    """There is no such booking, or it is another person's."""

    def __init__(self, booking_id: UUID) -> None:
        super().__init__(
            f"Записи {booking_id} нет. Возьмите её из списка записей пациента.",
            f"There is no booking {booking_id}. Take it from the list of the patient's bookings.",
        )


class SlotRefused(InputRefused):
    """The slot cannot be booked here and now; another slot may be."""

    status: ClassVar[int] = 409


class SlotTaken(SlotRefused):
    """Somebody else has booked the slot."""

    def __init__(self) -> None:
        super().__init__(
            "Этот талон уже занят. Выберите другое время.", "This slot is already taken. Choose another time."
        )


class SlotPast(SlotRefused):
    """The time of the slot has come or passed."""

    def __init__(self) -> None:
        super().__init__(
            "Время этого талона уже наступило. Выберите более позднее.",
            "The time of this slot has already come. Choose a later one.",
        )


class SlotWithdrawn(SlotRefused):
    """The clinic took the slot off its schedule."""

    def __init__(self) -> None:
        super().__init__(
            "Приём отменён медицинской организацией. Выберите другое время.",
            "The clinic has withdrawn this time. Choose another one.",
        )


class SlotOfRegion(SlotRefused):
    """The region owns the slot: the site cannot book it, but may ask for it back."""

    def __init__(self) -> None:
        super().__init__(
            "Этот талон передан региону: записать на него может портал или кол-центр. "
            "Выберите другой или запросите возврат талона.",
            "This slot has been handed over to the region: the portal or the call centre can book it. "
            "Choose another one or ask for it back.",
        )


class SlotOfSite(SlotRefused):
    """The site owns the slot, or the slot is being handed over."""

    def __init__(self) -> None:
        super().__init__(
            "Этим талоном распоряжается медицинская организация: записать на него может её регистратура. "
            "Выберите другой.",
            "This slot belongs to the clinic: its registrar can book it. Choose another one.",
        )


class SaleOver(SlotRefused):
    """The region no longer sells the slot: it is going back to its site."""

    def __init__(self) -> None:
        super().__init__(
            "Запись на этот талон через регион закрыта, талон возвращается в регистратуру. Позвоните туда или выберите "
            "более позднее время.",
            "The region no longer books this slot: it is going back to the clinic. Call the clinic or choose a later "
            "time.",
        )


class AlreadyThen(SlotRefused):
    """The patient has a booking at this time."""

    def __init__(self, what: str) -> None:
        what = what.rstrip(".")  # a doctor's initials end with a full stop
        super().__init__(
            f"У пациента уже есть запись на это время: {what}. Отмените или перенесите её, либо укажите причину, "
            "по которой нужны обе.",
            f"The patient already has a booking at this time: {what}. Cancel or move it, or say why both are needed.",
        )


class AlreadyThatDay(SlotRefused):
    """The patient has a booking with the same speciality on the same day."""

    def __init__(self, what: str) -> None:
        what = what.rstrip(".")
        super().__init__(
            f"В этот день пациент уже записан к той же специальности: {what}. Отмените или перенесите запись, либо "
            "укажите причину, по которой нужны обе.",
            f"On this day the patient is already booked with the same speciality: {what}. Cancel or move the booking, "
            "or say why both are needed.",
        )


class Clash(msgspec.Struct, frozen=True):
    """A booking of the patient that stands in the way: at this time, or with this speciality on the same day."""

    name: str
    speciality: str
    starts_at: dt.datetime
    same_time: bool

    def refusal(self) -> SlotRefused:
        what = f"{self.starts_at.astimezone():%d.%m.%Y %H:%M}, {self.speciality}, {self.name}"
        return AlreadyThen(what) if self.same_time else AlreadyThatDay(what)


class RequestReused(InputRefused):
    """The request's id was used for another slot or patient."""

    status: ClassVar[int] = 409

    def __init__(self, request_id: UUID) -> None:
        super().__init__(
            f"Номер запроса {request_id} уже использован для другой записи. Создайте новый номер.",
            f"Request id {request_id} was already used for another booking. Make a new one.",
        )


class BookingOver(InputRefused):
    """The booking is already cancelled or moved."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "Эта запись уже отменена или перенесена. Обновите список.",
            "This booking is already cancelled or moved. Refresh the list.",
        )


class NotOurs(InputRefused):
    """Only the side that made a booking may end it; the other side can only ask."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "Эту запись сделала другая сторона. Отправьте просьбу об отмене: она дойдёт, как только будет связь.",
            "The other side made this booking. Ask for its cancellation: the request goes as soon as there is a link.",
        )


REFUSALS: dict[str, Callable[[], SlotRefused]] = {
    "taken": SlotTaken,
    "past": SlotPast,
    "withdrawn": SlotWithdrawn,
    "of_region": SlotOfRegion,
    "not_ours": SlotOfSite,
    "recalled": SlotOfSite,
    "late": SaleOver,
}
"""The refusal for each word by which the database says why it did not book a slot."""
