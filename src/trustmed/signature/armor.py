"""How signing tools save a signature: as DER, or as DER in text. Only DER is verified and stored."""

import base64
import binascii
import re
from typing import Final

_PEM: Final = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*-----BEGIN (CMS|PKCS7|PKCS #7 SIGNED DATA|SIGNATURE)-----(.*?)-----END \1-----\s*\Z",
    re.DOTALL,
)
# In Base64, a DER sequence longer than 127 bytes begins with "MI".
_BASE64: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(MI[A-Za-z0-9+/\s]+={0,2})\s*\Z")


def remove_armor(file: bytes) -> bytes:
    """Return the DER inside PEM (RFC 7468) or bare Base64; a file of any other kind is returned as it is."""
    found = _PEM.match(file)
    text = found[2] if found else (bare[1] if (bare := _BASE64.match(file)) else None)
    if text is None:
        return file
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        return file
