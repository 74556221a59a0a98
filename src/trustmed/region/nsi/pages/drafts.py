"""Pages of the region's own dictionaries: begin one, edit its draft and rows, make a version."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from trustmed.errors import InputRefused
from trustmed.region.nsi.editing import making, service
from trustmed.region.nsi.editing.checks import next_free_oid
from trustmed.region.nsi.editing.errors import ChangedMeanwhile
from trustmed.region.nsi.editing.model import KEY, DraftRow, FileCounts
from trustmed.region.nsi.pages.desk import BASE, AnyRequest, author_of, pools_of, staff
from trustmed.web import i18n
from trustmed.web.forms import fields
from trustmed.web.limits import LARGEST_BODY
from trustmed.web.templating import render

LARGEST_FILE: Final = 20 * 1024 * 1024
DRAFT: Final = f"{BASE}/{{oid:str}}/draft"


class FileMissing(InputRefused):
    """No file was chosen, or it is too large."""

    def __init__(self) -> None:
        super().__init__(
            "Выберите файл CSV до 20 МБ со столбцами справочника.",
            "Choose a CSV file of at most 20 MB with the dictionary's columns.",
        )


@get(f"{BASE}/new")
async def new_page(request: AnyRequest) -> Response[str]:
    return await _render_new(request, {})


@post(f"{BASE}/new", status_code=200)
async def begin_draft(request: AnyRequest) -> Response[Any]:
    given = await fields(request)
    try:
        oid = await service.begin_draft(
            pools_of(request),
            given.get("oid", ""),
            given.get("title", ""),
            given.get("short_title", ""),
            given.get("columns", ""),
            author_of(request),
            has_levels=bool(given.get("has_levels")),
        )
    except InputRefused as error:
        return await _render_new(request, given, error)
    return Redirect(f"{BASE}/{oid}/draft", status_code=303)


@get(DRAFT)
async def draft_page(
    request: AnyRequest,
    oid: FromPath[str],
    q: FromQuery[str] = "",
    show: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    return await _render_draft(request, oid, q, show, after)


@get(f"{DRAFT}/row")
async def row_page(request: AnyRequest, oid: FromPath[str], key: FromQuery[str] = "") -> Response[str]:
    """Show a row to change; without a key, a form for a new row."""
    row = await service.find_row(pools_of(request), oid, key) if key else None
    return await _render_row(request, oid, row, dict(row.content) if row else {})


@post(f"{DRAFT}/row", status_code=200)
async def save_row(request: AnyRequest, oid: FromPath[str]) -> Response[Any]:
    given, pools, author = await fields(request), pools_of(request), author_of(request)
    key, revision = given.get("key", ""), _revision(given.get("revision", ""))
    try:
        if not key:
            key = await service.add_row(pools, oid, given, author)
        elif given.get("action") == "withdraw":
            await service.withdraw_row(pools, oid, key, revision, author)
        else:
            await service.change_row(pools, oid, key, revision, given, author)
    except InputRefused as error:
        row = await service.find_row(pools, oid, key) if key else None
        return await _render_row(request, oid, row, given, error)
    return Redirect(f"{BASE}/{oid}/draft?saved={quote(key)}", status_code=303)


@post(f"{DRAFT}/file", status_code=200, request_max_body_size=LARGEST_BODY)
async def take_file(request: AnyRequest, oid: FromPath[str]) -> Response[Any]:
    form = await request.form()
    file = form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise FileMissing
        raw = await file.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            raise FileMissing
        counts = await service.take_file(
            pools_of(request),
            oid,
            file.filename,
            raw,
            author_of(request),
            withdraw_absent=bool(form.get("withdraw_absent")),
        )
    except InputRefused as error:
        return await _render_draft(request, oid, error=error)
    return await _render_draft(request, oid, counts=counts)


@post(f"{DRAFT}/version", status_code=200)
async def make_version(request: AnyRequest, oid: FromPath[str]) -> Response[Any]:
    given = await fields(request)
    try:
        version = await making.make_version(
            pools_of(request), oid, given.get("number", ""), given.get("notes", ""), author_of(request)
        )
    except InputRefused as error:
        number, notes = given.get("number", ""), given.get("notes", "")
        return await _render_draft(request, oid, error=error, number=number, notes=notes)
    return Redirect(f"{BASE}/{oid}?made={quote(version)}", status_code=303)


async def _render_new(
    request: AnyRequest, given: Mapping[str, str], error: InputRefused | None = None
) -> Response[str]:
    pools = pools_of(request)
    return render(
        request,
        "nsi/new.html",
        status=422 if error else 200,
        given={"oid": next_free_oid(pools.topology.region.oid, await service.find_taken_oids(pools)), **given},
        refusal=error.text(i18n.current.get()) if error else "",
        field=getattr(error, "field", ""),
    )


async def _render_draft(
    request: AnyRequest,
    oid: str,
    q: str = "",
    show: str = "",
    after: str = "",
    *,
    error: InputRefused | None = None,
    counts: FileCounts | None = None,
    number: str = "",
    notes: str = "",
) -> Response[str]:
    pools = pools_of(request)
    draft = await service.find_draft(pools, oid)
    return render(
        request,
        "nsi/draft.html",
        status=422 if error else 200,
        fragment="rows",
        draft=draft,
        page=await service.find_rows(pools, oid, q, show, after),
        q=q,
        show=show,
        after=after,
        counts=counts,
        saved=request.query_params.get("saved", ""),
        number=number or await making.find_next_number(pools, oid),
        notes=notes,
        refusal=error.text(i18n.current.get()) if error else "",
    )


async def _render_row(
    request: AnyRequest,
    oid: str,
    row: DraftRow | None,
    values: Mapping[str, str | None],
    error: InputRefused | None = None,
) -> Response[str]:
    draft = await service.find_draft(pools_of(request), oid)
    return render(
        request,
        "nsi/row.html",
        status=422 if error else 200,
        draft=draft,
        row=row,
        values=values,
        key_field=KEY,
        theirs=row.content if row and isinstance(error, ChangedMeanwhile) else None,
        refusal=error.text(i18n.current.get()) if error else "",
        field=getattr(error, "field", ""),
    )


def _revision(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


handlers: list[ControllerRouterHandler] = [
    *(new_page, begin_draft, draft_page, row_page, save_row),
    *(take_file, make_version),
]
guards = [staff]
