"""Find out whether this machine can do GOST R 34.10-2012."""

import subprocess
import sys
from functools import cache

import msgspec

from trustmed.signature import gost_engine
from trustmed.signature.errors import GostEngineMissing

PROBE_SECONDS = 20


class Availability(msgspec.Struct, frozen=True):
    """`reason` is empty when `ok`, else it is the message of OpenSSL or of the system."""

    ok: bool
    reason: str = ""


@cache
def gost_available() -> Availability:
    """Find out whether OpenSSL's engine `gost` works here; a process does so once.

    The engine is tried in a process of its own first: a foreign or damaged library must not take the server down.
    """
    command = [sys.executable, "-I", gost_engine.__file__]
    try:
        probe = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return Availability(False, str(error))
    if probe.returncode:
        lines = probe.stderr.strip().splitlines()
        return Availability(False, lines[-1] if lines else f"the engine's self-check ended with {probe.returncode}")
    return Availability(True)


def require_gost() -> None:
    """Raise GostEngineMissing if the engine does not work."""
    availability = gost_available()
    if not availability.ok:
        raise GostEngineMissing(availability.reason)
