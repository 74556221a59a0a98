"""Fields about the payment, for every kind whose header names the payer."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from trustmed.semd.cda.payment import OMS
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES
from trustmed.semd.fields.field import FILL_IN, Card, Form, Lack
from trustmed.semd.fields.plain import Day, Line, OneOf
from trustmed.semd.words import Words


class PaidForm(Form, frozen=True):
    """`payment` of 1039; "1" (ОМС) needs `insurer` and the policy's first day."""

    payment: str = "9"
    insurer: str = ""
    policy_from: dt.date | None = None


PAYMENT: Final = (
    # The other sources rest on a contract, which the page does not ask for.
    OneOf(
        "payment",
        Words("Источник оплаты", "Source of payment"),
        FORM_DICTIONARIES["payment_source"],
        among=("1", "8", "9"),
    ),
    Line(
        "insurer",
        Words("Страховая организация", "Insurer"),
        Words("нужна при оплате по ОМС", "needed for payment by compulsory insurance"),
    ),
    Day(
        "policy_from",
        Words("Полис действует с", "Policy valid from"),
        Words("нужно при оплате по ОМС", "needed for payment by compulsory insurance"),
    ),
)


def lacks_policy(form: Form, card: Card) -> Iterator[Lack]:
    """Yield what is missing for payment by compulsory insurance."""
    if not isinstance(form, PaidForm) or form.payment != OMS:
        return
    if card.enp is None:
        yield Lack("payment", Words("В карте пациента нет полиса ОМС.", "The patient's card has no policy."))
    if not form.insurer.strip():
        yield Lack("insurer", FILL_IN)
    if form.policy_from is None:
        yield Lack("policy_from", FILL_IN)
