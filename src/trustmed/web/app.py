"""Assemble an application from rooms, a site's or the region's."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.resources import files
from typing import Any, Final

from litestar import Litestar, Request
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components
from litestar.routes import HTTPRoute
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler
from prometheus_client import CollectorRegistry

from trustmed import __name__ as product
from trustmed.web import errors, i18n
from trustmed.web.edge import Edge
from trustmed.web.health import Probe, health, metrics
from trustmed.web.identity import IdentityMiddleware
from trustmed.web.language import switch_language
from trustmed.web.problem import RESPONSES
from trustmed.web.sessions import SessionStore
from trustmed.web.templating import environment

LARGEST_BODY: Final = 64_000_000
"""Bytes of a request: more than twice a document of 20 MB in Base64."""

Layout = Callable[[Request[Any, Any, Any]], Mapping[str, Any]]


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
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[Any]]],
    https: bool = False,
    state: Mapping[str, Any] | None = None,
    largest_body: int = LARGEST_BODY,
    api_title: str = product,
    api_components: Components | None = None,
) -> Litestar:
    """Build the application `name`. Its cookies bear the name: browsers do not tell cookies of two ports apart.

    `rooms`: template prefix -> package with a folder `templates`. `catalogues`: packages with `locale/en.po`.
    `layout` returns what the base template needs for a request: `site_title`, `menu` (pairs of path and text),
    `banners`. `probes`: parts of `/health`. `https`: people reach it by https, so cookies are marked Secure.
    Handlers find `sessions`, `https`, `session_cookie_name`, `registry` and all of `state` in `request.app.state`.
    """
    i18n.install(("trustmed.web", *catalogues))
    registry = CollectorRegistry()
    cookie = f"trustmed_{name}"
    app = Litestar(
        route_handlers=[health, metrics, switch_language, _static(), *handlers],
        middleware=[IdentityMiddleware(cookie, sessions)],
        csrf_config=CSRFConfig(
            secret=csrf_secret,
            cookie_name=f"{cookie}_csrf",
            cookie_secure=https,
            cookie_httponly=True,
            exclude=["^/api/"],
        ),
        exception_handlers=errors.handlers(),
        lifespan=list(lifespan),
        request_max_body_size=largest_body,
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title=api_title,
            version="1",
            path="/api/docs",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
            components=api_components or Components(),
        ),
        state=State(
            {
                "sessions": sessions,
                "https": https,
                "session_cookie_name": cookie,
                "registry": registry,
                "templates": environment(rooms),
                "layout": layout,
                "probes": probes,
                **(state or {}),
            }
        ),
    )
    _describe_problems(app)
    # Not a middleware: Litestar runs those only once it has found a route, and a 404 needs the Edge too.
    app.asgi_handler = Edge(app.asgi_handler, registry)
    return app


def _static() -> ControllerRouterHandler:
    return create_static_files_router(
        path="/static",
        directories=[str(files(__package__ or __name__) / "static")],
        include_in_schema=False,
        opt={"exclude_from_csrf": True},
    )


def _describe_problems(app: Litestar) -> None:
    """Say in the OpenAPI document how every operation answers errors: Litestar takes this of handlers alone."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                handler.responses = {**RESPONSES, **(handler.responses or {})}
