"""Find the caller in the index by number or by name, or type them anew. Typed data never appear in an address."""

from litestar import Response, get, post

from trustmed.errors import InputRefused
from trustmed.patient.writing import ungrouped
from trustmed.region.callcentre.desk import AnyRequest, form_fields, operators, organizations, pools_of, reader_of
from trustmed.region.persons.finding import MOST_SHOWN, find_by_number, find_similar
from trustmed.region.persons.model import Person
from trustmed.region.persons.shown import golden_text
from trustmed.region.persons.typed import card_of_typed
from trustmed.region.pools import PartMissing
from trustmed.web import i18n
from trustmed.web.templating import render


@get("/booking", guards=[operators])
async def find_page(request: AnyRequest) -> Response[str]:
    """Show the empty forms."""
    return _page(request, {}, None)


@post("/booking", guards=[operators], status_code=200)
async def find(request: AnyRequest) -> Response[str]:
    """Find by `number` (СНИЛС, policy or document), or by surname, name, birth date and other fields."""
    typed = await form_fields(request)
    try:
        found = await _find(request, typed)
    except (InputRefused, PartMissing) as error:
        return _page(request, typed, None, refusal=error.text(i18n.current.get()), status=error.status)
    return _page(request, typed, found)


@get("/booking/new", guards=[operators])
async def new_page(request: AnyRequest) -> Response[str]:
    """Show the form for a caller whom the index does not know."""
    return render(request, "callcentre/new.html", given={}, refusal="")


async def find_by_snils(request: AnyRequest, snils: str | None) -> list[Person]:
    """Return the persons with the typed СНИЛС; nobody while the index is down, as booking works without it."""
    if snils is None:
        return []
    try:
        return await find_by_number(pools_of(request), reader_of(request), snils)
    except PartMissing:
        return []


async def _find(request: AnyRequest, typed: dict[str, str]) -> list[Person]:
    """Return the persons found, the likeliest first. Raises NothingToLookFor, BirthDateWrong, PartMissing."""
    pools, reader = pools_of(request), reader_of(request)
    if typed.get("number"):
        return (await find_by_number(pools, reader, typed["number"]))[:MOST_SHOWN]
    return (await find_similar(pools, reader, card_of_typed(typed))).likeliest()


def _page(
    request: AnyRequest, typed: dict[str, str], found: list[Person] | None, *, refusal: str = "", status: int = 200
) -> Response[str]:
    number = ungrouped(typed.get("number", ""))
    return render(
        request,
        "callcentre/find.html",
        status=status,
        fragment="found",
        given=typed,
        anew=typed | ({"snils": number} if len(number) == 11 and number.isdecimal() else {}),
        found=found,
        refusal=refusal,
        organizations=organizations(request),
        golden_text=golden_text,
    )
