"""Where an application's dictionaries are."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from litestar import Request
from psycopg import AsyncConnection

AnyRequest = Request[Any, Any, Any]
Source = Callable[[AnyRequest], AbstractAsyncContextManager[AsyncConnection]]
"""A connection to the database with dictionaries, for a request."""
