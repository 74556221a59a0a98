"""Nothing in the environment turns debugging on: it would show the inside to strangers, or stop the program."""

import pytest
from psycopg_pool import AsyncConnectionPool

from trustmed.web.app import build_app
from trustmed.web.guards import signed_in
from trustmed.web.sessions import SessionStore


def test_no_variable_turns_debugging_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITESTAR_DEBUG", "1")
    monkeypatch.setenv("LITESTAR_PDB", "1")
    app = build_app(
        name="site",
        handlers=[],
        sessions=SessionStore(AsyncConnectionPool("", open=False), None),
        csrf_secret="secret",
        rooms={},
        catalogues=(),
        layout=lambda _: {},
        probes={},
        metrics_guard=signed_in,
        description_guard=signed_in,
        lifespan=[],
    )
    assert (app.debug, app.pdb_on_exception) == (False, False)
