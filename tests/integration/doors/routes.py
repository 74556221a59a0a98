"""All routes of an application, found from it, and for each a request with a mark wherever a client may put one."""

import datetime as dt
import enum
from typing import Any, Literal, NamedTuple, get_args, get_origin
from uuid import UUID

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types.internal_types import PathParameterDefinition

KEY = "019a0000-0000-7000-8000-000000000000"


class Route(NamedTuple):
    """A way into an application. `path`: with parameters in braces, as `/patients/{patient_id}`."""

    method: str
    path: str
    parameters: dict[str, type]
    handler: HTTPRouteHandler

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(app: Litestar) -> list[Route]:
    """Return all routes that a client can ask, without files of `/static`."""
    return [
        Route(method, route.path_format, {one.name: one.type for one in _of_path(route)}, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in sorted(route.route_handler_map.items())
        if method != "OPTIONS" and not route.path.startswith("/static")
    ]


def _of_path(route: HTTPRoute) -> list[PathParameterDefinition]:
    return [one for one in route.path_components if isinstance(one, PathParameterDefinition)]


class Asked(NamedTuple):
    path: str
    query: dict[str, str]
    json: Any


def request_for(route: Route, mark: str) -> Asked:
    """Return a request that reaches the handler; texts in it are the mark."""
    parameters = route.handler.parsed_fn_signature.parameters
    path = route.path
    for name, kind in route.parameters.items():
        path = path.replace(f"{{{name}}}", str(_value(kind, mark)))
    query = {"q": mark, "snils": mark}
    for name, parameter in parameters.items():
        alias = getattr(parameter.kwarg_definition, "name", None) or name
        if name not in route.parameters and parameter.annotation in (int, str, UUID, dt.date, dt.datetime):
            query[alias] = str(msgspec.to_builtins(_value(parameter.annotation, mark)))
    data = parameters.get("data")
    return Asked(path, query, None if data is None else msgspec.to_builtins(_value(data.annotation, mark)))


def _value(kind: Any, mark: str) -> Any:
    """Return a value of a type, made of the mark where it can be."""
    plain: dict[Any, Any] = {
        str: mark,
        int: 1,
        float: 1.0,
        bool: True,
        bytes: mark.encode(),
        UUID: UUID(KEY),
        Any: mark,
    }
    plain |= {dt.date: dt.date(2026, 11, 5), dt.datetime: dt.datetime(2026, 11, 5, tzinfo=dt.UTC)}
    if kind in plain:
        return plain[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return arguments[0]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {one.encode_name: _value(one.type, mark) for one in msgspec.structs.fields(kind)}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind)).value
    if origin in (list, tuple, set, frozenset):
        return [_value(arguments[0], mark)]
    if origin is dict:
        return {mark: _value(arguments[1], mark)}
    if type(None) in arguments:
        return _value(next(one for one in arguments if one is not type(None)), mark)
    return _value(arguments[0], mark) if arguments else mark
