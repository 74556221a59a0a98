"""The routes of the call centre's pages."""

from litestar import Router

from trustmed.region.callcentre.pages_caller import book_slot, cancel_booking, new_caller, person_page, slots_fragment
from trustmed.region.callcentre.pages_find import find, find_page, new_page


def callcentre_pages() -> Router:
    return Router(
        "/",
        route_handlers=[
            *(find_page, find, new_page, new_caller),
            *(person_page, book_slot, cancel_booking, slots_fragment),
        ],
        include_in_schema=False,
    )
