"""Where an application finds its dictionaries."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from litestar import Request
from psycopg import AsyncConnection

AnyRequest = Request[Any, Any, Any]
Source = Callable[[AnyRequest], AbstractAsyncContextManager[AsyncConnection]]
"""Returns, for a request, a connection to the database with dictionaries."""
