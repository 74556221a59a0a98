"""Redirect a person who opens the site's address to their first page."""

from litestar import Router, get
from litestar.response import Redirect

from trustmed.clinic.desk import AnyRequest
from trustmed.web.account import Identity


@get("/", sync_to_thread=False)
def first_page(request: AnyRequest) -> Redirect:
    identity = request.scope.get("user")
    if isinstance(identity, Identity) and identity.role == "engineer":
        return Redirect("/health")
    return Redirect("/patients" if identity else "/sign-in")


pages = Router("/", route_handlers=[first_page], include_in_schema=False)
