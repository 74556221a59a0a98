"""Pages of dictionaries: search while typing, walk down a tree, show the card of a row."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from trustmed.nsi.errors import LineTooLong
from trustmed.nsi.model import Answer, Edition, Query
from trustmed.nsi.search import card, editions, find
from trustmed.patient.writing import folded, tidy
from trustmed.web import i18n
from trustmed.web.guards import Guard
from trustmed.web.lookup.query import DayWrong, parse_day, parse_query
from trustmed.web.lookup.source import AnyRequest, Source
from trustmed.web.templating import render

LISTED: Final = 100  # rows on a page of a dictionary
TITLES: Final = 6  # dictionaries offered by their title
NOTHING: Final = Answer((), ())


def lookup_pages(source: Source, guard: Guard, base: str) -> list[ControllerRouterHandler]:
    """Return the search page at `base` and the card at `base`/entry."""

    @get(base, guards=[guard], include_in_schema=False)
    async def search_page(
        request: AnyRequest,
        q: FromQuery[str] = "",
        oid: FromQuery[str] = "",
        parent: FromQuery[str] = "",
        on: FromQuery[str] = "",
        skip: FromQuery[str] = "",
    ) -> Response[str]:
        refusal, answer, query = "", NOTHING, Query()
        skipped = int(skip[:6]) if skip.isascii() and skip.isdigit() else 0
        known: Sequence[Edition] = ()
        async with source(request) as connection:
            try:
                query = parse_query(q, oid, parent, on, "" if q.strip() else str(LISTED))
                known = await editions(connection, on=query.on)
                answer = await find(connection, query, skipped)
            except (DayWrong, LineTooLong) as error:
                refusal = error.text(i18n.current.get())
                known = known or await editions(connection)
        chosen = answer.editions[0] if query.oid and answer.editions else None
        return render(
            request,
            "web/lookup/search.html",
            status=422 if refusal else 200,
            fragment="found",
            base=base,
            q=q,
            on=on,
            day=query.on,
            oid=chosen.oid if chosen else "",
            parent=parent,
            chosen=chosen,
            known=known,
            titles={(one.oid, one.version): one.title for one in answer.editions},
            dictionaries=_titled(q, known),
            answer=answer,
            skipped=skipped,
            next_skip=skipped + LISTED,
            refusal=refusal,
            link=_linked(base, on),
        )

    @get(f"{base}/entry", guards=[guard], include_in_schema=False)
    async def card_page(
        request: AnyRequest,
        oid: FromQuery[str],
        key: FromQuery[str],
        on: FromQuery[str] = "",
        version: FromQuery[str] = "",
    ) -> Response[str]:
        async with source(request) as connection:
            found = await card(connection, oid, key, parse_day(on), version or None)
        return render(
            request, "web/lookup/card.html", base=base, card=found, on=on, day=parse_day(on), link=_linked(base, on)
        )

    return [search_page, card_page]


def _titled(q: str, known: Sequence[Edition]) -> list[Edition]:
    """Return the dictionaries with these words in the title, or with this OID."""
    words = folded(tidy(q)).split()
    if not words:
        return []
    found = [one for one in known if one.oid == tidy(q) or all(word in folded(one.title) for word in words)]
    return sorted(found, key=lambda one: len(one.title))[:TITLES]


def _linked(base: str, on: str) -> Any:
    """Return a function that makes links to these pages and passes on the day being looked at."""

    def link(page: str = "", /, **values: str) -> str:
        kept = {name: value for name, value in {**values, "on": values.get("on", on)}.items() if value}
        return f"{base}{page}" + (f"?{urlencode(kept)}" if kept else "")

    return link
