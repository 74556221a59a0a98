"""Assemble an application from rooms, a site's or the region's."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import litestar
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler
from prometheus_client import CollectorRegistry

from trustmed import __name__ as product
from trustmed.web import errors, i18n
from trustmed.web.assets import static_files
from trustmed.web.csrf import Csrf, check_form
from trustmed.web.edge import Edge
from trustmed.web.guards import Guard
from trustmed.web.health import Examiner, Probe, health, ready
from trustmed.web.identity import IdentityMiddleware
from trustmed.web.inside import metrics_route
from trustmed.web.language import switch_language
from trustmed.web.limits import FORM_BODY, MOST_FIELDS
from trustmed.web.problem import RESPONSES
from trustmed.web.proxies import Network
from trustmed.web.request import Request
from trustmed.web.sessions import SessionStore
from trustmed.web.templating import environment

Layout = Callable[[litestar.Request[Any, Any, Any]], Mapping[str, Any]]


def build_app(
    *,
    name: str,
    handlers: Sequence[ControllerRouterHandler],
    sessions: SessionStore,
    csrf_secret: str,
    rooms: Mapping[str, str],
    catalogues: Sequence[str],
    layout: Layout,
    probes: Mapping[str, Probe],
    metrics_guard: Guard,
    description_guard: Guard,
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[Any]]],
    https: bool = False,
    trusted_proxies: Sequence[Network] = (),
    state: Mapping[str, Any] | None = None,
    api_title: str = product,
    api_components: Components | None = None,
) -> Litestar:
    """Build the application `name`. Its cookies bear the name: browsers do not tell cookies of two ports apart.

    `rooms`: template prefix -> package with a folder `templates`. `catalogues`: packages with `locale/en.po`.
    `layout` returns what the base template needs for a request: `site_title`, `menu` (pairs of path and text),
    `banners`. `probes`: parts of `/health`. `metrics_guard`, `description_guard`: who sees `/metrics` and
    the description of the interfaces (`web.inside`). `https`: people reach it by https whatever the requests
    say, so cookies are marked Secure. `trusted_proxies`: whose word about the asker's address and scheme is taken.
    A route takes a body of FORM_BODY at most, unless it or its router states another `request_max_body_size`.
    Handlers find `sessions`, `https`, `session_cookie_name`, `registry` and all of `state` in `request.app.state`.
    """
    i18n.install(("trustmed.web", *catalogues))
    registry, examiner = CollectorRegistry(), Examiner(probes)
    cookie = f"trustmed_{name}"
    app = Litestar(
        route_handlers=[health, ready, metrics_route(metrics_guard), switch_language, static_files, *handlers],
        middleware=[IdentityMiddleware(cookie, sessions)],
        before_request=check_form,
        exception_handlers=errors.handlers(),
        lifespan=[examiner.examining, *lifespan],
        request_class=Request,
        request_max_body_size=FORM_BODY,
        multipart_form_part_limit=MOST_FIELDS,
        logging_config=None,
        debug=False,  # else LITESTAR_DEBUG and LITESTAR_PDB of the environment decide
        pdb_on_exception=False,
        openapi_config=OpenAPIConfig(
            title=api_title,
            version="1",
            openapi_router=Router("/api/docs", route_handlers=[], guards=[description_guard]),
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
            components=api_components or Components(),
        ),
        state=State(
            {
                "sessions": sessions,
                "csrf": Csrf(csrf_secret, f"{cookie}_csrf"),
                "https": https,
                "session_cookie_name": cookie,
                "registry": registry,
                "templates": environment(rooms),
                "layout": layout,
                "examiner": examiner,
                **(state or {}),
            }
        ),
    )
    _describe_problems(app)
    # Not a middleware: Litestar runs those only once it has found a route, and a 404 needs the Edge too.
    app.asgi_handler = Edge(app.asgi_handler, registry, trusted_proxies=trusted_proxies, https=https)
    return app


def _describe_problems(app: Litestar) -> None:
    """Say in the OpenAPI document how every operation answers errors: Litestar takes this of handlers alone."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                handler.responses = {**RESPONSES, **(handler.responses or {})}
