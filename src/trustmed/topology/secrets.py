"""Secrets of a deployment: files `<secrets>/<owner>.<role>`, or environment TRUSTMED_SECRET_<OWNER>_<ROLE>."""

import os
import secrets as random
from pathlib import Path

from trustmed.errors import Broken
from trustmed.topology.file.spec import Topology

RANDOM_BYTES = 24


class SecretMissing(Broken):
    """The deployment needs a secret that is neither in a file nor in the environment."""


def secret(topology: Topology, owner: str, role: str) -> str:
    """Return the secret of `role` at `owner` (the name of a server, a site or a program). Raises SecretMissing."""
    variable = f"TRUSTMED_SECRET_{owner}_{role}".upper().replace("-", "_")
    if variable in os.environ:
        return os.environ[variable]
    path = _path(topology, owner, role)
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        raise SecretMissing(
            f"Нет пароля роли {role} для {owner}: положите его в файл {path} или в переменную {variable}.",
            f"No password of role {role} for {owner}: put it into file {path} or variable {variable}.",
        ) from None


def ensure_secret(topology: Topology, owner: str, role: str) -> str:
    """Return the secret; if there is none yet, make a random one and store it (mode 600)."""
    try:
        return secret(topology, owner, role)
    except SecretMissing:
        value = random.token_urlsafe(RANDOM_BYTES)
        write_secret(topology, owner, role, value)
        return value


def write_secret(topology: Topology, owner: str, role: str, value: str) -> None:
    """Store a secret: write another file, then rename it, so that a kill leaves either the old or the new one whole."""
    path = _path(topology, owner, role)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(value + "\n")
    fresh.replace(path)


def _path(topology: Topology, owner: str, role: str) -> Path:
    return topology.folder / topology.region.secrets / f"{owner}.{role}"
