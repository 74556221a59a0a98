"""Pages to publish and roll back: they show first what will change and ask for a reason."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from trustmed.errors import InputRefused
from trustmed.patient.writing import tidy
from trustmed.region.nsi.pages.desk import BASE, AnyRequest, author_of, pools_of, publishers
from trustmed.region.nsi.pages.versions import column_titles
from trustmed.region.nsi.versions import service
from trustmed.region.nsi.versions.errors import TurnedMeanwhile
from trustmed.region.nsi.versions.targets import publication_target, rollback_target
from trustmed.web import i18n
from trustmed.web.forms import fields
from trustmed.web.templating import render

EXAMPLES = 30


class ReasonNeeded(InputRefused):
    """Publishing and rolling back need a reason."""

    def __init__(self) -> None:
        super().__init__(
            "Укажите причину: она останется в истории публикаций.",
            "Say why: it stays in the history of publications.",
        )


@get(f"{BASE}/{{oid:str}}/publish")
async def publish_page(request: AnyRequest, oid: FromPath[str], version: FromQuery[str] = "") -> Response[str]:
    return await _render_confirmation(request, oid, "publish", version)


@post(f"{BASE}/{{oid:str}}/publish", status_code=200)
async def publish(request: AnyRequest, oid: FromPath[str]) -> Response[Any]:
    return await _change_version(request, oid, "publish")


@get(f"{BASE}/{{oid:str}}/rollback")
async def rollback_page(request: AnyRequest, oid: FromPath[str]) -> Response[str]:
    return await _render_confirmation(request, oid, "rollback", "")


@post(f"{BASE}/{{oid:str}}/rollback", status_code=200)
async def rollback(request: AnyRequest, oid: FromPath[str]) -> Response[Any]:
    return await _change_version(request, oid, "rollback")


async def _change_version(request: AnyRequest, oid: str, action: str) -> Response[Any]:
    given = await fields(request)
    pools, reason, version = pools_of(request), tidy(given.get("reason", ""))[:1000], given.get("version", "")
    try:
        if not reason:
            raise ReasonNeeded
        line = await service.find_dictionary(pools, oid)
        if given.get("seen", "") != (line.current_version or ""):
            raise TurnedMeanwhile(line.oid)
        if action == "publish":
            await service.publish(pools, oid, version or None, author_of(request), reason)
        else:
            await _check_target(request, oid, version)
            await service.roll_back(pools, oid, author_of(request), reason)
    except InputRefused as error:
        return await _render_confirmation(request, oid, action, version, error.text(i18n.current.get()), reason)
    return Redirect(f"{BASE}/{line.oid}?turned=1", status_code=303)


async def _check_target(request: AnyRequest, oid: str, version: str) -> None:
    """Check that the rollback leads to the version the page showed. Raises TurnedMeanwhile, NothingBefore."""
    history = await service.find_publications(pools_of(request), oid)
    if rollback_target(oid, history) != version:
        raise TurnedMeanwhile(oid)


async def _render_confirmation(
    request: AnyRequest, oid: str, action: str, version: str, refusal: str = "", reason: str = ""
) -> Response[str]:
    pools = pools_of(request)
    line = await service.find_dictionary(pools, oid)
    versions = await service.find_versions(pools, line.oid)
    if action == "publish":
        target = publication_target(line.oid, (one.version for one in versions), line.current_version, version or None)
    else:
        target = rollback_target(line.oid, await service.find_publications(pools, line.oid))
    difference = await service.find_difference(pools, line.oid, line.current_version, target, examples=EXAMPLES)
    return render(
        request,
        "nsi/turn.html",
        status=422 if refusal else 200,
        line=line,
        action=action,
        target=next(one for one in versions if one.version == target),
        versions=versions,
        difference=difference,
        titles=column_titles(versions, difference),
        sites=len(pools.topology.site),
        refusal=refusal,
        reason=reason,
    )


handlers: list[ControllerRouterHandler] = [publish_page, publish, rollback_page, rollback]
guards = [publishers]
