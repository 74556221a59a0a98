"""GOST R 34.10-2012 and R 34.11-2012 by OpenSSL's engine `gost`, through ctypes and the system's libcrypto.

The file imports the standard library only: `gost.gost_available` also runs it as a script, to learn whether the engine
works here without endangering its own process.
"""

import base64
import ctypes
import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from ctypes import c_char_p, c_int, c_long, c_size_t, c_void_p
from functools import cache
from pathlib import Path

DIGESTS = {256: b"md_gost12_256", 512: b"md_gost12_512"}
_KEY_OIDS = {256: b"1.2.643.7.1.1.1.1", 512: b"1.2.643.7.1.1.1.2"}
_PARAMSETS = {256: b"TCB", 512: b"A"}
# OpenSSL's OPENSSL_INFO_ENGINES_DIR; INIT_ENGINE_DYNAMIC and INIT_NO_LOAD_CONFIG; BIO_CTRL_INFO.
_ENGINES_DIR, _INIT_DYNAMIC_NO_CONFIG, _BIO_INFO = 1002, 0x200 | 0x80, 3

_LOADING = threading.Lock()

_P = c_void_p
_PROTOTYPES: dict[str, tuple[object, list[object]]] = {
    "OPENSSL_init_crypto": (c_int, [ctypes.c_uint64, _P]),
    "OPENSSL_info": (c_char_p, [c_int]),
    "ENGINE_by_id": (_P, [c_char_p]),
    "ENGINE_ctrl_cmd_string": (c_int, [_P, c_char_p, c_char_p, c_int]),
    "ENGINE_init": (c_int, [_P]),
    "ENGINE_register_complete": (c_int, [_P]),
    "ERR_get_error": (ctypes.c_ulong, []),
    "ERR_error_string_n": (None, [ctypes.c_ulong, c_char_p, c_size_t]),
    "ERR_clear_error": (None, []),
    "EVP_get_digestbyname": (_P, [c_char_p]),
    "EVP_Digest": (c_int, [c_char_p, c_size_t, c_char_p, ctypes.POINTER(ctypes.c_uint), _P, _P]),
    "EVP_MD_CTX_new": (_P, []),
    "EVP_MD_CTX_free": (None, [_P]),
    "EVP_DigestSignInit": (c_int, [_P, _P, _P, _P, _P]),
    "EVP_DigestSign": (c_int, [_P, c_char_p, ctypes.POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_DigestVerifyInit": (c_int, [_P, _P, _P, _P, _P]),
    "EVP_DigestVerify": (c_int, [_P, c_char_p, c_size_t, c_char_p, c_size_t]),
    "d2i_PUBKEY": (_P, [_P, ctypes.POINTER(c_char_p), c_long]),
    "i2d_PUBKEY": (c_int, [_P, _P]),
    "EVP_PKEY_free": (None, [_P]),
    "EVP_PKEY_CTX_new_id": (_P, [c_int, _P]),
    "EVP_PKEY_CTX_free": (None, [_P]),
    "EVP_PKEY_CTX_ctrl_str": (c_int, [_P, c_char_p, c_char_p]),
    "EVP_PKEY_keygen_init": (c_int, [_P]),
    "EVP_PKEY_keygen": (c_int, [_P, ctypes.POINTER(_P)]),
    "EVP_aes_256_cbc": (_P, []),
    "OBJ_txt2nid": (c_int, [c_char_p]),
    "BIO_new": (_P, [_P]),
    "BIO_s_mem": (_P, []),
    "BIO_new_mem_buf": (_P, [c_char_p, c_int]),
    "BIO_ctrl": (c_long, [_P, c_int, c_long, _P]),
    "BIO_free": (c_int, [_P]),
    "PEM_read_bio_PrivateKey": (_P, [_P, _P, _P, c_char_p]),
    "PEM_write_bio_PKCS8PrivateKey": (c_int, [_P, _P, _P, c_char_p, c_int, _P, _P]),
    "PEM_write_bio_PUBKEY": (c_int, [_P, _P]),
}


class EngineError(Exception):
    """The engine is absent, does not load, or refused an operation; the text says which, in OpenSSL's words."""


def digest(bits: int, data: bytes) -> bytes:
    """Return the R 34.11-2012 (Streebog) digest of `data`; `bits` is 256 or 512. Raises EngineError."""
    lib = _library()
    out = ctypes.create_string_buffer(64)
    size = ctypes.c_uint(0)
    _must(lib, lib.EVP_Digest(data, len(data), out, ctypes.byref(size), _digest(lib, bits), None), "digest")
    return out.raw[: size.value]


def verify(bits: int, spki: bytes, signature: bytes, data: bytes) -> bool:
    """Whether `signature` (as CMS and X.509 carry it) over `data` was made with the key of `spki`.

    Raises EngineError if the key cannot be read.
    """
    lib = _library()
    with _public_key(lib, spki) as key, _context(lib) as context:
        _must(lib, lib.EVP_DigestVerifyInit(context, None, _digest(lib, bits), None, key), "verify")
        good = lib.EVP_DigestVerify(context, signature, len(signature), data, len(data)) == 1
        lib.ERR_clear_error()
        return good


def sign(bits: int, private_pem: bytes, data: bytes) -> bytes:
    """Sign `data` with an unencrypted PKCS#8 PEM key. Raises EngineError."""
    lib = _library()
    with _private_key(lib, private_pem, b"") as key, _context(lib) as context:
        _must(lib, lib.EVP_DigestSignInit(context, None, _digest(lib, bits), None, key), "sign")
        out = ctypes.create_string_buffer(256)
        size = c_size_t(len(out))
        _must(lib, lib.EVP_DigestSign(context, out, ctypes.byref(size), data, len(data)), "sign")
        return out.raw[: size.value]


def generate(bits: int) -> bytes:
    """Make a new private key as unencrypted PKCS#8 PEM. Raises EngineError."""
    lib = _library()
    context = _must(lib, lib.EVP_PKEY_CTX_new_id(lib.OBJ_txt2nid(_KEY_OIDS[bits]), None), "key generation")
    key = c_void_p()
    try:
        _must(lib, lib.EVP_PKEY_keygen_init(context), "key generation")
        _must(lib, lib.EVP_PKEY_CTX_ctrl_str(context, b"paramset", _PARAMSETS[bits]), "parameter set")
        _must(lib, lib.EVP_PKEY_keygen(context, ctypes.byref(key)), "key generation")
        return _private_pem(lib, key, b"")
    finally:
        lib.EVP_PKEY_free(key)
        lib.EVP_PKEY_CTX_free(context)


def recode(private_pem: bytes, passphrase: bytes, new_passphrase: bytes) -> bytes:
    """Encrypt the private key with another passphrase; an empty one means unencrypted. Raises EngineError."""
    lib = _library()
    with _private_key(lib, private_pem, passphrase) as key:
        return _private_pem(lib, key, new_passphrase)


def public_pem(private_pem: bytes) -> bytes:
    """Return the public half of an unencrypted private key as a PEM SubjectPublicKeyInfo. Raises EngineError."""
    lib = _library()
    with _private_key(lib, private_pem, b"") as key, _buffer(lib) as bio:
        _must(lib, lib.PEM_write_bio_PUBKEY(bio, key), "public key")
        return _content(lib, bio)


def _library() -> ctypes.CDLL:
    # `cache` lets two threads compute the first value at once, and the engine is to be loaded once.
    with _LOADING:
        return _load_library()


@cache
def _load_library() -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL("libcrypto.so.3")
    except OSError as error:
        raise EngineError(f"libcrypto.so.3: {error}") from error
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(lib, name, None)
        if function is None:
            raise EngineError(f"libcrypto.so.3 has no {name}")
        function.restype, function.argtypes = result, arguments
    lib.OPENSSL_init_crypto(_INIT_DYNAMIC_NO_CONFIG, None)
    _load_engine(lib)
    return lib


def engine_file() -> Path:
    """Return the file from which the engine is loaded. Raises EngineError."""
    return _engine_file(_library())


def _engine_file(lib: ctypes.CDLL) -> Path:
    directory = os.environ.get("OPENSSL_ENGINES") or lib.OPENSSL_info(_ENGINES_DIR).decode()
    return Path(directory) / "gost.so"


def _load_engine(lib: ctypes.CDLL) -> None:
    engine = lib.ENGINE_by_id(b"gost")
    if not engine:
        lib.ERR_clear_error()
        path = _engine_file(lib)
        if not path.is_file():
            raise EngineError(f"{path} is not there")
        engine = _must(lib, lib.ENGINE_by_id(b"dynamic"), "dynamic engines")
        for command, value in ((b"SO_PATH", os.fsencode(path)), (b"LIST_ADD", b"1"), (b"LOAD", None)):
            _must(lib, lib.ENGINE_ctrl_cmd_string(engine, command, value, 0), f"loading {path}")
    _must(lib, lib.ENGINE_init(engine), "starting the engine")
    _must(lib, lib.ENGINE_register_complete(engine), "registering the engine")


def _must(lib: ctypes.CDLL, result: int | None, what: str) -> int:
    if result is not None and result > 0:
        return result
    text = ctypes.create_string_buffer(256)
    lib.ERR_error_string_n(lib.ERR_get_error(), text, len(text))
    lib.ERR_clear_error()
    raise EngineError(f"{what}: {text.value.decode(errors='replace')}")


def _digest(lib: ctypes.CDLL, bits: int) -> int:
    return _must(lib, lib.EVP_get_digestbyname(DIGESTS[bits]), "digest")


@contextmanager
def _context(lib: ctypes.CDLL) -> Generator[int, None, None]:
    context = _must(lib, lib.EVP_MD_CTX_new(), "memory")
    try:
        yield context
    finally:
        lib.EVP_MD_CTX_free(context)


@contextmanager
def _public_key(lib: ctypes.CDLL, spki: bytes) -> Generator[int, None, None]:
    key = _must(lib, lib.d2i_PUBKEY(None, ctypes.byref(c_char_p(spki)), len(spki)), "public key")
    try:
        yield key
    finally:
        lib.EVP_PKEY_free(key)


@contextmanager
def _private_key(lib: ctypes.CDLL, pem: bytes, passphrase: bytes) -> Generator[int, None, None]:
    bio = _must(lib, lib.BIO_new_mem_buf(pem, len(pem)), "memory")
    try:
        # Without a passphrase argument OpenSSL would ask for one on the terminal.
        key = _must(lib, lib.PEM_read_bio_PrivateKey(bio, None, None, passphrase), "private key")
    finally:
        lib.BIO_free(bio)
    try:
        yield key
    finally:
        lib.EVP_PKEY_free(key)


@contextmanager
def _buffer(lib: ctypes.CDLL) -> Generator[int, None, None]:
    bio = _must(lib, lib.BIO_new(lib.BIO_s_mem()), "memory")
    try:
        yield bio
    finally:
        lib.BIO_free(bio)


def _content(lib: ctypes.CDLL, bio: int) -> bytes:
    pointer = c_void_p()
    size = lib.BIO_ctrl(bio, _BIO_INFO, 0, ctypes.byref(pointer))
    return ctypes.string_at(pointer, size) if pointer.value else b""


def _private_pem(lib: ctypes.CDLL, key: int | c_void_p, passphrase: bytes) -> bytes:
    cipher = lib.EVP_aes_256_cbc() if passphrase else None
    with _buffer(lib) as bio:
        done = lib.PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, passphrase or None, len(passphrase), None, None)
        _must(lib, done, "private key")
        return _content(lib, bio)


def self_check() -> None:
    """Check the digest of the empty message, then sign and verify with fresh keys. Raises EngineError."""
    empty = "3f539a213e97c802cc229d474c6aa32a825a360b2a933a949fd925208d9ce1bb"
    if digest(256, b"").hex() != empty:
        raise EngineError("the engine's digest is wrong")
    for bits in DIGESTS:
        private = generate(bits)
        spki = base64.b64decode(b"".join(public_pem(private).splitlines()[1:-1]))
        if not verify(bits, spki, sign(bits, private, b"self-check"), b"self-check"):
            raise EngineError(f"a {bits}-bit signature made here does not verify here")


if __name__ == "__main__":
    try:
        self_check()
    except EngineError as failure:
        sys.exit(str(failure))
