"""Whether this machine can do GOST R 34.10-2012, and the operations when it can."""

import subprocess
import sys
from functools import cache

import msgspec

from trustmed.signature import gost_engine
from trustmed.signature.errors import GostEngineMissing


class Availability(msgspec.Struct, frozen=True):
    """`reason` is empty when `ok`; otherwise OpenSSL's or the system's own words."""

    ok: bool
    reason: str = ""


@cache
def gost_available() -> Availability:
    """Whether OpenSSL's engine `gost` works here; asked once a process.

    The engine is first tried in a process of its own: a foreign or damaged library must not take the server down.
    """
    command = [sys.executable, "-I", gost_engine.__file__]
    try:
        probe = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return Availability(False, str(error))
    if probe.returncode:
        lines = probe.stderr.strip().splitlines()
        return Availability(False, lines[-1] if lines else f"the engine's self-check ended with {probe.returncode}")
    return Availability(True)


def require_gost() -> None:
    """Raises GostEngineMissing where the engine does not work."""
    availability = gost_available()
    if not availability.ok:
        raise GostEngineMissing(availability.reason)
