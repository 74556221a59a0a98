"""Fetch a dictionary from the federal service; its pages are kept in a folder until they are imported.

Uses `GET /port/rest/passport` and `/port/rest/data` with a personal userKey. An interrupted run continues from the
first missing page.
"""

import logging
import os
import shutil
import ssl
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec

from trustmed.errors import InputRefused, Unavailable
from trustmed.region.nsi.files.data_pages import Page, read_page
from trustmed.region.nsi.files.passport import Passport, read_passport
from trustmed.region.nsi.files.reading import ImportRequest, check_identity
from trustmed.region.nsi.files.refusals import ImportRefused, NotJson, PagesCut, Where

LONGEST_PAUSE: Final = 30.0
PAGES_FILE: Final = "pages.json"
LIBRARIES: Final = ("httpx2", "httpcore2")


class Service(msgspec.Struct, frozen=True):
    """The service's address and how patiently to ask it. `ca`: a PEM file of authorities; None: the machine's own.

    `page_size` is in rows. `pause` is in seconds: the wait before the second attempt, doubled before each further one.
    """

    address: str
    key: str
    ca: Path | None = None
    page_size: int = 2000
    attempts: int = 7
    pause: float = 0.5
    timeout: float = 30.0

    def __repr__(self) -> str:
        return f"Service({self.address})"


class ServiceUnreachable(Unavailable):
    """The service gave no answer in any attempt. Pages that came are kept."""

    def __init__(self, address: str, cause: str, attempts: int) -> None:
        super().__init__(
            f"Сервис НСИ {address} не ответил за {attempts} попыток: {cause}. Полученные страницы сохранены: повторите "
            "команду позже, она продолжит с недостающей.",
            f"The service {address} gave no answer in {attempts} attempts: {cause}. The pages that came are kept: run "
            "the command again later, it goes on from the missing one.",
        )


class CertificateRefused(InputRefused):
    """The service's certificate is not from an authority trusted here."""

    def __init__(self, address: str, cause: str) -> None:
        super().__init__(
            f"Сертификат сервиса НСИ {address} не проверен: {cause}. Укажите файл с корневым сертификатом: --ca.",
            f"The certificate of {address} is not verified: {cause}. Name the file with its root certificate: --ca.",
        )


class KeyRejected(InputRefused):
    """The service does not know the key, or the key has no access."""

    def __init__(self, address: str, status: int) -> None:
        super().__init__(
            f"Сервис НСИ {address} не принял ключ (код {status}). Проверьте ключ в личном кабинете сервиса.",
            f"The service {address} did not take the key (status {status}). Check the key in the service's cabinet.",
        )


class ServiceSays(InputRefused):
    """The service answered with an unexpected status."""

    def __init__(self, address: str, status: int) -> None:
        super().__init__(
            f"Сервис НСИ {address} ответил кодом {status}. Проверьте адрес сервиса и OID.",
            f"The service {address} answered with status {status}. Check its address and the OID.",
        )


Progress = Callable[[str, int, int], None]


def fetch_version(
    service: Service, request: ImportRequest, folder: Path, on_page: Progress = lambda name, page, pages: None
) -> Path:
    """Fetch a version (None: the newest) of `request.oid` into `folder`; return the folder with its files.

    Raises ServiceUnreachable, CertificateRefused, KeyRejected, ServiceSays, ImportRefused. No error contains the key.
    """
    with _client(service) as client:
        where = Where(f"{request.oid} ({service.address})")
        version = {"version": request.version} if request.version else {}
        at_passport = where.at(page="passport")
        raw = _get_json(client, service, "passport", {"identifier": request.oid or "", **version}, at_passport)
        passport, _ = read_passport(raw, at_passport)
        check_identity(passport, request, at_passport)
        target = folder / f"{passport.oid}_{passport.version}"
        _prepare_folder(target, raw, passport, service.page_size)
        _fetch_pages(client, service, passport, target, where, on_page)
    return target


def delete_pages(target: Path) -> None:
    """Delete the pages of a version that is imported or refused."""
    shutil.rmtree(target)


def _fetch_pages(
    client: httpx2.Client, service: Service, passport: Passport, target: Path, where: Where, on_page: Progress
) -> None:
    total = passport.rowsCount
    pages, number = 1, 1
    while number <= pages:
        part = target / f"part{number}.json"
        at_page = where.at(page=str(number))
        page = _read_stored_page(part, at_page)
        if page is None:
            values = {
                "identifier": passport.oid,
                "version": passport.version,
                "page": str(number),
                "size": str(service.page_size),
            }
            raw = _get_json(client, service, "data", values, at_page)
            page = read_page(raw, at_page)
            total = page.total or 0 if total is None else total
            _check_page(page, at_page, total, min(service.page_size, total - service.page_size * (number - 1)))
            _write_file(part, raw)
        total = page.total or 0 if total is None else total
        pages = max(1, -(-total // service.page_size))
        on_page(f"{passport.oid} {passport.version}", number, pages)
        number += 1


def _read_stored_page(part: Path, where: Where) -> Page | None:
    """Return a page fetched before; None if there is none or a crash of the machine spoiled it."""
    try:
        return read_page(part.read_bytes(), where) if part.exists() else None
    except ImportRefused:
        return None


def _check_page(page: Page, where: Where, total: int, expected: int) -> None:
    if page.total != total:
        raise PagesCut(
            where,
            f"на странице сказано о {page.total} строках, а прежде о {total}",
            f"the page tells of {page.total} rows, before it was {total}",
        )
    if len(page.list) != expected:
        raise PagesCut(
            where, f"строк {len(page.list)} вместо {expected}", f"{len(page.list)} rows instead of {expected}"
        )


def _prepare_folder(target: Path, raw: bytes, passport: Passport, page_size: int) -> None:
    """Keep what was fetched before only if it is the same release of the version in pages of the same size."""
    mark = msgspec.json.encode(
        {"size": page_size, "rows": passport.rowsCount, "published": passport.publishDate, "version": passport.version}
    )
    if target.exists() and not ((target / PAGES_FILE).exists() and (target / PAGES_FILE).read_bytes() == mark):
        delete_pages(target)
    target.mkdir(parents=True, exist_ok=True)
    _write_file(target / PAGES_FILE, mark)
    _write_file(target / "passport.json", raw)


def _write_file(path: Path, content: bytes) -> None:
    """Write beside and rename, so that a kill leaves no half-written page."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    os.replace(fresh, path)


def _get_json(client: httpx2.Client, service: Service, what: str, values: dict[str, str], where: Where) -> bytes:
    """Return the body of a complete JSON answer; ask again while the service or the network fails."""
    pause, cause = service.pause, ""
    for attempt in range(service.attempts):
        if attempt:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        try:
            answer = client.get(f"/port/rest/{what}", params={"userKey": service.key, **values})
        except httpx2.TransportError as error:
            _check_certificate(error, service)
            cause = type(error).__name__
            continue
        if answer.status_code >= 500 or answer.status_code == 429:
            cause = f"{answer.status_code}"
            continue
        _check_status(answer.status_code, service)
        try:
            _check_ends(answer.content, where)
        except NotJson as error:
            cause = error.en
            continue
        return answer.content
    raise ServiceUnreachable(service.address, cause, service.attempts)


def _check_status(status: int, service: Service) -> None:
    if status in (401, 403):
        raise KeyRejected(service.address, status)
    if status != 200:
        raise ServiceSays(service.address, status)


def _check_ends(raw: bytes, where: Where) -> None:
    """Raise NotJson for a truncated body, to ask for it again; other faults are left to the decoder."""
    if raw.lstrip()[:1] in (b"{", b"[") or not raw.strip():
        try:
            msgspec.json.decode(raw, type=msgspec.Raw)
        except msgspec.DecodeError as error:
            raise NotJson(where, str(error)) from None


def _check_certificate(error: BaseException | None, service: Service) -> None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            raise CertificateRefused(service.address, error.verify_message) from None
        error = error.__cause__ or error.__context__


@contextmanager
def _client(service: Service) -> Generator[httpx2.Client]:
    """Open an HTTP client. It silences the libraries' logs, which would contain addresses with the key in them."""
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    settings: dict[str, Any] = {"base_url": service.address, "timeout": service.timeout}
    if service.address.startswith("https:"):
        settings["verify"] = ssl.create_default_context(cafile=str(service.ca) if service.ca else None)
    with httpx2.Client(**settings) as client:
        yield client
