"""Pieces of CDA R2 as XML elements: coded values, names, addresses, moments, ids."""

import datetime as dt
import re
from typing import Final

from lxml import etree

from trustmed.semd.document import Address, Coded, PersonName
from trustmed.semd.refusals import FieldRefused

HL7: Final = "urn:hl7-org:v3"
IDENTITY: Final = "urn:hl7-ru:identity"
ADDRESS: Final = "urn:hl7-ru:address"
FIAS: Final = "urn:hl7-ru:fias"
MED_SERVICE: Final = "urn:hl7-ru:medService"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
SNILS: Final = "1.2.643.100.3"
NAMESPACES: Final = {
    None: HL7,
    "xsi": XSI,
    "identity": IDENTITY,
    "address": ADDRESS,
    "fias": FIAS,
    "medService": MED_SERVICE,
}

Element = etree._Element


def tag(name: str, namespace: str = HL7) -> str:
    return f"{{{namespace}}}{name}"


def add(
    parent: Element, name: str, text: str | None = None, /, *, ns: str = HL7, xsi: str | None = None, **attrs: str
) -> Element:
    """Append one element; `xsi` is its xsi:type."""
    child = etree.SubElement(parent, tag(name, ns))
    if xsi is not None:
        child.set(tag("type", XSI), xsi)
    for key, value in attrs.items():
        child.set(key, value)
    if text is not None:
        child.text = lines(text)
    return child


def lines(text: str) -> str:
    """Return `text` with its line ends as XML readers will see them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def add_null(parent: Element, name: str, flavor: str = "NI", *, ns: str = HL7) -> Element:
    return add(parent, name, ns=ns, nullFlavor=flavor)


def add_coded(parent: Element, name: str, value: Coded, *, ns: str = HL7, xsi: str | None = None) -> Element:
    return add(
        parent,
        name,
        ns=ns,
        xsi=xsi,
        code=value.code,
        codeSystem=value.system,
        codeSystemVersion=value.system_version,
        codeSystemName=value.system_name,
        displayName=value.display,
    )


def add_string(parent: Element, name: str, value: str | None, *, ns: str, flavor: str = "NI") -> Element:
    """Add a string (ST), or a nullFlavor that says why there is none."""
    return add_null(parent, name, flavor, ns=ns) if value is None else add(parent, name, value, ns=ns, xsi="ST")


def add_person(parent: Element, name: PersonName) -> None:
    element = add(parent, "name")
    add(element, "family", name.surname)
    add(element, "given", name.given)
    if name.patronymic is not None:
        add(element, "Patronymic", name.patronymic, ns=IDENTITY, xsi="ST")


def add_address(parent: Element, address: Address) -> None:
    element = add(parent, "addr")
    if address.kind is not None:
        add_coded(element, "Type", address.kind, ns=ADDRESS, xsi="CD")
    add(element, "streetAddressLine", address.text)
    add_coded(element, "stateCode", address.region, ns=ADDRESS, xsi="CD")
    if address.postal_code is None:
        add_null(element, "postalCode")
    else:
        add(element, "postalCode", address.postal_code)
    if address.fias_object is None:
        add_null(element, "Address", ns=FIAS)
        return
    fias = add(element, "Address", ns=FIAS)
    add(fias, "AOGUID", address.fias_object, ns=FIAS)
    if address.fias_house is None:
        add_null(fias, "HOUSEGUID", ns=FIAS)
    else:
        add(fias, "HOUSEGUID", address.fias_house, ns=FIAS)


def add_phone(parent: Element, phone: str | None, field: str) -> None:
    """Add a telephone as a tel: URL without spaces. Raises FieldRefused when it is not a telephone number."""
    if phone is None:
        return
    number = re.sub(r"\s", "", phone)
    if not re.fullmatch(r"\+?[-0-9().]+", number):
        raise FieldRefused(
            field, f"«{phone}» — не номер телефона; нужен вид +7 495 000-00-00", f"{phone!r} is not a telephone number"
        )
    add(parent, "telecom", value=f"tel:{number}")


def snils(number: str, field: str) -> str:
    """Return `number` as NNN-NNN-NNN NN. Raises FieldRefused unless it has eleven digits."""
    digits = re.sub(r"[\s-]", "", number)
    if not re.fullmatch(r"[0-9]{11}", digits):
        raise FieldRefused(field, "нужно 11 цифр СНИЛС", "eleven digits of SNILS are needed")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def moment(value: dt.datetime, field: str) -> str:
    """Return the time as YYYYMMDDHHMM+ZZZZ (schematron 119, У1-14). Raises FieldRefused if it has no zone.

    The rule allows only zones east of Greenwich, by whole tens of minutes: any other is written in UTC.
    """
    offset = value.utcoffset()
    if offset is None:
        raise FieldRefused(field, "нужен часовой пояс", "a time zone is needed")
    if offset < dt.timedelta(0) or offset % dt.timedelta(minutes=10):
        value = value.astimezone(dt.UTC)
    return f"{value.year:04d}{value:%m%d%H%M%z}"


def day(value: dt.date) -> str:
    return f"{value.year:04d}{value:%m%d}"
