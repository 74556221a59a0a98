from pathlib import Path

import pytest

from trustmed.embedded.unprivileged import RUN_AS, SHARED, Account, WrongAccount, account, place

NOBODY = Account("nobody", 65534, 65534)


def test_an_ordinary_user_keeps_data_where_it_was_asked_for():
    assert place(Path("/home/anna/trustmed/.demo"), None) == Path("/home/anna/trustmed/.demo")


def test_root_keeps_data_where_the_servers_user_can_enter():
    assert place(Path("/root/trustmed/.demo"), NOBODY).parent == SHARED


def test_two_checkouts_never_share_data():
    assert place(Path("/root/a/.demo"), NOBODY) != place(Path("/root/b/.demo"), NOBODY)


def test_the_same_checkout_finds_its_data_again():
    assert place(Path("/root/a/.demo"), NOBODY) == place(Path("/root/a/.demo"), Account("postgres", 105, 110))


@pytest.mark.parametrize("name", ["root", "no-such-user"])
def test_running_servers_as_root_or_an_unknown_user_is_refused(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv(RUN_AS, name)
    with pytest.raises(WrongAccount, match=RUN_AS):
        account()


def test_an_ordinary_user_runs_servers_under_their_own_account(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert account() is None
