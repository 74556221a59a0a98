"""Accounts at the demo's provider: the people whose cards the clinics of the demo hold."""

import itertools
from collections.abc import Iterator

import msgspec

from trustmed.demo.content.lookalikes import lookalikes
from trustmed.demo.content.people import Someone, people
from trustmed.demo.content.seed import PATIENTS, SHARED_PATIENTS
from trustmed.matching.card import Card
from trustmed.topology.file.spec import Topology

CONFIRMED, SIMPLE = "confirmed", "simple"


class Account(msgspec.Struct, frozen=True):
    """Who signs in. `level`: whether anybody has checked who they are."""

    sub: str
    snils: str
    surname: str
    given_name: str
    patronymic: str | None
    birth_date: str
    level: str = CONFIRMED

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.surname, self.given_name, self.patronymic)))


def accounts(topology: Topology) -> dict[str, Account]:
    """Return the accounts by id: people of several clinics first; the very last is not confirmed."""
    found: dict[str, Account] = {}
    for account in _everybody(topology):
        found.setdefault(account.sub, account)
    stranger = account_of(next(people(7)))
    return found | {stranger.sub: msgspec.structs.replace(stranger, level=SIMPLE)}


def sub_of(snils: str) -> str:
    """Return the id of the account of the person with this number."""
    return str(1_000_000_000 + int(snils[:9]))


def _everybody(topology: Topology) -> Iterator[Account]:
    yield from map(account_of, itertools.islice(people(1), SHARED_PATIENTS))
    yield from (account_of(card) for case in lookalikes() for _, card in case.cards if card.snils)
    for site in topology.site:
        for organization in site.organization:
            yield from map(account_of, itertools.islice(people(organization.id), PATIENTS))


def account_of(someone: Someone | Card) -> Account:
    """Return the account of a generated person, or of the person of a card."""
    snils = someone.snils or ""
    names = someone.surname, someone.given_name, someone.patronymic
    return Account(sub_of(snils), snils, *names, someone.birth_date.isoformat())
