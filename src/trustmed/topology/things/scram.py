"""Check a password against a stored SCRAM verifier, offline: a failed login would litter the server's log."""

import base64
import hashlib
import hmac
import unicodedata


def verifier_matches(verifier: str | None, password: str) -> bool:
    """Return whether `verifier` was made from `password`.

    It is pg_authid.rolpassword: SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key> (RFC 5802).
    """
    if verifier is None or not verifier.startswith("SCRAM-SHA-256$"):
        return False
    _, work, keys = verifier.split("$")
    iterations, salt = work.split(":")
    stored = keys.split(":")[0]
    prepared = unicodedata.normalize("NFKC", password).encode()
    salted = hashlib.pbkdf2_hmac("sha256", prepared, base64.b64decode(salt), int(iterations))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), base64.b64decode(stored))
