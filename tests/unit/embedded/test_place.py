from pathlib import Path

import pytest

from trustmed.embedded.unprivileged import RUN_AS, SHARED, Account, WrongAccount, account, place

NOBODY = Account("nobody", 65534, 65534)


def test_an_ordinary_user_keeps_data_where_it_was_asked_for():
    assert place(Path("/home/anna/trustmed/.demo"), None) == Path("/home/anna/trustmed/.demo")


def test_root_keeps_it_where_the_servers_user_can_enter():
    assert place(Path("/root/trustmed/.demo"), NOBODY).parent == SHARED


def test_two_checkouts_never_share_data():
    assert place(Path("/root/a/.demo"), NOBODY) != place(Path("/root/b/.demo"), NOBODY)


def test_the_same_checkout_finds_its_data_again():
    assert place(Path("/root/a/.demo"), NOBODY) == place(Path("/root/a/.demo"), Account("postgres", 105, 110))


@pytest.mark.parametrize("name", ["root", "no-such-user"])
def test_root_and_strangers_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv(RUN_AS, name)
    with pytest.raises(WrongAccount, match=RUN_AS):
        account()


def test_we_run_servers_ourselves_unless_root(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert account() is None
