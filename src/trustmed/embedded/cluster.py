"""The data folder of a PostgreSQL server of this machine: initialise it, check it, configure it."""

import shutil
import subprocess
import time
from pathlib import Path

import msgspec
import psycopg.conninfo

from trustmed.embedded.ports import HOST
from trustmed.embedded.settings import ACCESS, Memory, Settings, rendered, settings
from trustmed.embedded.unprivileged import Account, account, postgres_programs, private_file, private_folder
from trustmed.errors import Broken

MAJOR = "18"
_LOCALE = (
    # The built-in provider sorts alike on every machine; LC_CTYPE must not be C, or pg_trgm finds no Cyrillic letters.
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--lc-ctype=C.UTF-8"),
    *("--encoding=UTF8", "--data-checksums", "--auth=scram-sha-256", "--username=postgres"),
)


class BrokenData(Broken):
    """This PostgreSQL cannot start on the server's data folder."""


class ServerFailed(Broken):
    """A server did not start, or did not stop."""


class PostgresServer(msgspec.Struct, frozen=True):
    """The description of a server. `folder` is its own: the cluster is in `folder/data`, the log in `folder/log`."""

    name: str
    folder: Path
    port: int
    memory: Memory = "small"
    settings: Settings = {}

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"


def conninfo(server: PostgresServer, *, user: str, password: str, dbname: str = "postgres") -> str:
    """Return a libpq connection string to a database of this server."""
    return psycopg.conninfo.make_conninfo("", host=HOST, port=server.port, user=user, password=password, dbname=dbname)


def initialise(server: PostgresServer, admin_password: str) -> bool:
    """Create the cluster with superuser `postgres`; False if there is one already. Raises BrokenData, ServerFailed.

    The cluster is made aside and renamed when complete: a killed call leaves nothing that looks like a cluster.
    """
    if server.data.exists():
        require_cluster(server)
        return False
    owner = account()
    private_folder(server.folder, owner)
    for left in server.folder.glob("making-*"):
        _remove(left)
    making, secret = server.folder / f"making-{time.time_ns()}", server.folder / "making-password"
    private_file(secret, f"{admin_password}\n", owner)
    try:
        _initdb(making, secret, owner)
        private_file(making / "pg_hba.conf", ACCESS, owner)
        making.rename(server.data)
    finally:
        secret.unlink()
        _remove(making)
    return True


def _initdb(target: Path, secret: Path, owner: Account | None) -> None:
    program = postgres_programs(owner) / "initdb"
    done = subprocess.run(  # noqa: S603
        [program, "-D", target, f"--pwfile={secret}", *_LOCALE],
        capture_output=True,
        text=True,
        cwd=target.parent,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        user=owner.uid if owner else None,
        group=owner.gid if owner else None,
        extra_groups=() if owner else None,
    )
    if done.returncode:
        raise ServerFailed(
            f"initdb не создал базу в {target.parent}: {done.stderr.strip()}",
            f"initdb made no cluster in {target.parent}: {done.stderr.strip()}",
        )


def require_cluster(server: PostgresServer) -> None:
    """Raise BrokenData unless this PostgreSQL can start on the server's data folder."""
    marker = server.data / "PG_VERSION"
    version = marker.read_text().strip() if marker.is_file() else None
    if version == MAJOR and (server.data / "global" / "pg_control").is_file():
        return
    if not server.data.exists():
        ru, en = "её нет: сначала создайте её", "it is absent: initialise it first"
    elif version and version != MAJOR:
        ru = f"её создал PostgreSQL {version}, а здесь {MAJOR}: перенесите данные pg_upgrade или начните заново"
        en = f"PostgreSQL {version} made it and this is {MAJOR}: move it with pg_upgrade or start over"
    else:
        ru, en = "она повреждена: восстановите её из копии или удалите", "it is damaged: restore a backup or remove it"
    raise BrokenData(
        f"Папка данных сервера «{server.name}» ({server.data}): {ru}.",
        f"The data folder of server {server.name!r} ({server.data}): {en}.",
    )


def configure(server: PostgresServer, owner: Account | None) -> bool:
    """Write postgresql.conf if it differs from the settings; whether it was written."""
    values = settings(server.name, server.port, str(server.log), server.memory, server.settings)
    text, path = rendered(values), server.data / "postgresql.conf"
    if path.is_file() and path.read_text() == text:
        return False
    private_file(path, text, owner)
    return True


def _remove(folder: Path) -> None:
    """Remove a half-made cluster, if there is one."""
    if folder.exists():
        shutil.rmtree(folder)
