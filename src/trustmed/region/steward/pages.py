"""The routes of the stewards' pages."""

from litestar import Router

from trustmed.region.steward.pages_citizens import answer_citizen, citizen_page, citizens_page
from trustmed.region.steward.pages_person import decide, person_page, pin, split, two_persons, undo
from trustmed.region.steward.pages_queue import answer, next_question, question_page, queue_page
from trustmed.region.steward.pages_search import find, search_page


def steward_pages() -> Router:
    """Return the routes of /steward, /persons and /acts."""
    queue = [queue_page, question_page, next_question, answer]
    citizens = [citizens_page, citizen_page, answer_citizen]
    person = [search_page, find, person_page, pin, split, two_persons, decide, undo]
    return Router("/", route_handlers=[*queue, *citizens, *person], include_in_schema=False)
