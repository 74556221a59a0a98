"""The part of the header that says who pays (schematron 119, У1-26)."""

import datetime as dt
from typing import Any, Final

from trustmed.semd.cda import vocabulary
from trustmed.semd.cda.elements import (
    IDENTITY,
    Element,
    add,
    add_address,
    add_coded,
    add_null,
    add_phone,
    add_string,
    day,
)
from trustmed.semd.document import Contract, Dossier, Payer, Policy
from trustmed.semd.refusals import FieldRefused

OMS: Final = "1"
DMS: Final = "3"
COMPANY_PAYS: Final = "6"
BY_CONTRACT: Final = (DMS, "4", "5", COMPANY_PAYS)
"""Sources of payment (dictionary 11.1039) that rest on a policy or a contract; the others are budgets."""

POLICY_OLD: Final = "1"
POLICY_ENDLESS: Final = "2"
"""Codes of dictionary 11.1035: an old policy has a series, an endless one has no last day."""


def add_payer(root: Element, d: Dossier[Any]) -> None:
    """Add `participant` IND: the source of payment, its policy or contract. Raises FieldRefused, EntryMissing."""
    if d.payment is None:
        raise FieldRefused("payment", "укажите источник оплаты", "the source of payment is needed")
    source = d.payment.source
    entity = add(add(root, "participant", typeCode="IND"), "associatedEntity", classCode="GUAR")
    add_coded(entity, "code", source)
    if source.code == OMS:
        if d.patient.policy is None:
            raise FieldRefused(
                "patient.policy",
                "оплата по ОМС требует полиса; внесите полис или смените источник оплаты",
                "payment by compulsory insurance needs a policy; enter it or change the source of payment",
            )
        _policy_grounds(entity, d, d.patient.policy)
        _payer_organization(entity, d.patient.policy.insurer, "patient.policy.insurer")
    elif source.code in BY_CONTRACT:
        if d.payment.contract is None:
            raise FieldRefused("payment.contract", "укажите полис ДМС или договор", "a policy or a contract is needed")
        _contract_grounds(entity, d.payment.contract)
        if source.code in (DMS, COMPANY_PAYS):
            _payer_organization(entity, d.payment.contract.payer, "payment.contract.payer")
    else:
        add_null(entity, "DocInfo", "NAV", ns=IDENTITY)


def _policy_grounds(entity: Element, d: Dossier[Any], policy: Policy) -> None:
    grounds = add(entity, "DocInfo", ns=IDENTITY)
    add_coded(grounds, "IdentityDocType", vocabulary.entry(d, vocabulary.GROUND_OMS), ns=IDENTITY, xsi="CD")
    add_coded(grounds, "InsurancePolicyType", policy.kind, ns=IDENTITY, xsi="CD")
    series = policy.series if policy.kind.code == POLICY_OLD else None
    add_string(grounds, "Series", series, ns=IDENTITY, flavor="NA")
    add_string(grounds, "Number", policy.number, ns=IDENTITY)
    add_null(grounds, "INN", ns=IDENTITY)
    last = None if policy.kind.code == POLICY_ENDLESS else policy.valid_to
    _validity(grounds, policy.valid_from, last)


def _contract_grounds(entity: Element, contract: Contract) -> None:
    grounds = add(entity, "DocInfo", ns=IDENTITY)
    add_coded(grounds, "IdentityDocType", contract.kind, ns=IDENTITY, xsi="CD")
    add_null(grounds, "InsurancePolicyType", "NA", ns=IDENTITY)
    add_string(grounds, "Series", contract.series, ns=IDENTITY, flavor="NA")
    add_string(grounds, "Number", contract.number, ns=IDENTITY)
    add_string(grounds, "INN", contract.inn, ns=IDENTITY)
    _validity(grounds, contract.valid_from, contract.valid_to)


def _validity(grounds: Element, first: dt.date | None, last: dt.date | None) -> None:
    if first is None:
        add_null(grounds, "effectiveTime", ns=IDENTITY)
        return
    period = add(grounds, "effectiveTime", ns=IDENTITY)
    add(period, "low", ns=IDENTITY, xsi="TS", value=day(first))
    if last is None:
        add(period, "high", ns=IDENTITY, xsi="TS", nullFlavor="NAV")
    else:
        add(period, "high", ns=IDENTITY, xsi="TS", value=day(last))


def _payer_organization(entity: Element, payer: Payer | None, field: str) -> None:
    if payer is None:
        raise FieldRefused(field, "укажите организацию-плательщика", "the paying organisation is needed")
    element = add(entity, "scopingOrganization")
    if payer.code is None:
        add_null(element, "id", "NA")
    else:
        add(element, "id", root="1.2.643.5.1.13.13.99.2.183", extension=payer.code)
    add(element, "name", payer.name)
    if payer.phone is None:
        add_null(element, "telecom")
    add_phone(element, payer.phone, f"{field}.phone")
    if payer.address is None:
        add_null(element, "addr")
    else:
        add_address(element, payer.address)
