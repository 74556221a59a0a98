"""Know a device on which a login signed in before, by a signed cookie: strangers' guesses do not close its way in.

The cookie holds an id of the device and a signature for each login that signed in on it. It opens nothing by itself.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from litestar.datastructures import Cookie

PATH: Final = "/sign-in"
KEPT_SECONDS: Final = 400 * 86_400
MOST_LOGINS: Final = 8  # of one shared desk
MARK_CHARACTERS: Final = 32


def device_of(secret: str, value: str | None, login: str) -> str | None:
    """Return the device's id if the cookie says that this login signed in there before."""
    device, marks = _read(value)
    mark = _mark(secret, device, login)
    return device if any(hmac.compare_digest(mark, one) for one in marks) else None


def device_cookie(name: str, secret: str, value: str | None, login: str, *, https: bool) -> Cookie:
    """Return the cookie of a device on which this login has just signed in."""
    device, marks = _read(value)
    mark = _mark(secret, device, login)
    kept = [one for one in marks if one != mark][-MOST_LOGINS + 1 :]
    return Cookie(
        key=name,
        value=".".join([device, *kept, mark]),
        path=PATH,
        httponly=True,
        secure=https,
        samesite="lax",
        max_age=KEPT_SECONDS,
    )


def _read(value: str | None) -> tuple[str, list[str]]:
    device, _, rest = (value or "").partition(".")
    marks = rest.split(".") if rest else []
    is_ours = len(marks) <= MOST_LOGINS and device.isalnum() and (device + rest).isascii()
    return (device, marks) if is_ours else (secrets.token_hex(8), [])


def _mark(secret: str, device: str, login: str) -> str:
    said = f"device\0{device}\0{login.lower()}".encode()
    return hmac.new(secret.encode(), said, sha256).hexdigest()[:MARK_CHARACTERS]
