"""The passport of a version: the federal service's description of it, stored whole and parsed as far as needed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from trustmed.region.nsi.files.refusals import (
    NotAsTheService,
    NotJson,
    OidMalformed,
    PageInsteadOfData,
    ServiceRefused,
    VersionMalformed,
    Where,
)
from trustmed.region.nsi.order import is_oid, is_version

MOMENT: Final = "%d.%m.%Y %H:%M"


class Field(msgspec.Struct, frozen=True):
    field: str
    dataType: str | None = None
    alias: str | None = None
    description: str | None = None


class Key(msgspec.Struct, frozen=True):
    """A column with a special role; `type` is PRIMARY, VALUE or FOREIGN."""

    field: str
    type: str


class Code(msgspec.Struct, frozen=True):
    """An OID of the dictionary; `type` is TYPE_PRIMARY or TYPE_OTHER."""

    value: str
    type: str | None = None


class Passport(msgspec.Struct, frozen=True):
    """The parsed part of a passport; fields have the service's own names."""

    oid: str
    version: str
    fullName: str
    fields: tuple[Field, ...]
    keys: tuple[Key, ...] = ()
    codes: tuple[Code, ...] = ()
    rowsCount: int | None = None
    shortName: str | None = None
    publishDate: str | None = None
    hierarchical: bool | None = None

    def key_column(self, kind: str) -> str | None:
        """Return the column that is the key of this type, if any."""
        return next((key.field for key in self.keys if key.type == kind), None)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.field for field in self.fields)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Return the dictionary's other OIDs."""
        return tuple(dict.fromkeys(code.value for code in self.codes if code.value != self.oid))


def read_passport(raw: bytes, where: Where) -> tuple[Passport, dict[str, Any]]:
    """Return the passport and its whole content.

    Raises PageInsteadOfData, NotJson, ServiceRefused, NotAsTheService, OidMalformed, VersionMalformed.
    """
    content = read_json_object(raw, where)
    check_result(content, where)
    passport = passport_of(content, where)
    if not is_oid(passport.oid):
        raise OidMalformed(where, passport.oid)
    if not is_version(passport.version):
        raise VersionMalformed(where, passport.version)
    return passport, content


def passport_of(content: Mapping[str, Any], where: Where) -> Passport:
    """Return the passport with this content. Raises NotAsTheService."""
    try:
        return msgspec.convert(dict(content), Passport)
    except msgspec.ValidationError as error:
        raise NotAsTheService(where, str(error)) from None


def new_passport(
    oid: str, version: str, title: str, columns: Iterable[str], keys: Mapping[str, str], **more: Any
) -> dict[str, Any]:
    """Return the content of a passport for a version that came without one. `keys`: type -> column."""
    return {
        "oid": oid,
        "version": version,
        "fullName": title,
        "fields": [{"field": column, "dataType": "VARCHAR", "alias": column} for column in columns],
        "keys": [{"field": column, "type": kind} for kind, column in keys.items()],
        "codes": [{"value": oid, "type": "TYPE_PRIMARY"}],
        **more,
    }


def released_at(passport: Passport, where: Where) -> datetime | None:
    """Return when the keeper released the version, as the passport states it, without a zone.

    Raises NotAsTheService.
    """
    if not passport.publishDate:
        return None
    try:
        return datetime.strptime(passport.publishDate, MOMENT)  # noqa: DTZ007 the service names no zone
    except ValueError:
        raise NotAsTheService(where, f"publishDate = {passport.publishDate}") from None


def read_json_object(raw: bytes, where: Where) -> dict[str, Any]:
    """Decode a JSON object. Raises PageInsteadOfData, NotJson, NotAsTheService."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    check_not_html(raw, where)
    try:
        content = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJson(where, str(error)) from None
    if not isinstance(content, dict):
        raise NotAsTheService(where, type(content).__name__)
    return content


def check_not_html(raw: bytes, where: Where) -> None:
    """Raise PageInsteadOfData if the content is HTML."""
    if raw[:200].lstrip().startswith(b"<"):
        raise PageInsteadOfData(where)


def check_result(content: Mapping[str, Any], where: Where) -> None:
    """Raise ServiceRefused if the service's answer is not OK."""
    result = content.get("result")
    if result != "OK":
        text = content.get("resultText")
        raise ServiceRefused(where, str(result), text if isinstance(text, str) else None)
