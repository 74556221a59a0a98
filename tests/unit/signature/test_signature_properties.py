"""No byte can be changed unnoticed, and no input causes any error but a refusal."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.signature_stand import CLASSIC, CONTENT, byte_changes_accepted, check, refusal, stand

from trustmed.signature import der, errors
from trustmed.signature.certificate import name_attributes, read_certificate
from trustmed.signature.revocation import read_crl
from trustmed.signature.software.authority import Algorithm

# 1.2.840.113549.1.1.1 and .11 are two names of the same RSA signature: the one change that alters nothing.
_RSA_NAMES = (der.oid("1.2.840.113549.1.1.1"), der.oid("1.2.840.113549.1.1.11"))


def is_refused(signature: bytes, algorithm: Algorithm, content: bytes = CONTENT) -> bool:
    return refusal(signature, content=content, trust=stand(algorithm).trust) is not None


@pytest.mark.parametrize("algorithm", CLASSIC)
@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_every_byte_of_the_container_counts(algorithm: Algorithm, mask: int):
    assert byte_changes_accepted(algorithm, mask) == []


@given(st.integers(0), st.integers(1, 255))
def test_any_other_value_of_any_byte_is_refused(position: int, mask: int):
    whole = stand("rsa-2048").doctor.sign(CONTENT)
    changed = bytearray(whole)
    changed[position % len(whole)] ^= mask
    same_meaning = bytes(changed).replace(_RSA_NAMES[1], _RSA_NAMES[0]) == whole
    assert is_refused(bytes(changed), "rsa-2048") or same_meaning


@given(st.integers(0), st.integers(1, 255))
def test_any_byte_of_the_content_counts(position: int, mask: int):
    changed = bytearray(CONTENT)
    changed[position % len(CONTENT)] ^= mask
    assert is_refused(stand().doctor.sign(CONTENT), "ecdsa-p256", bytes(changed))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_not_a_signature(data: bytes):
    with pytest.raises(errors.NotASignature):
        check(data)


def nested_der() -> st.SearchStrategy[bytes]:
    """Return well-formed DER of arbitrary shape, with the tags that containers use."""
    leaves = st.builds(der.tlv, st.sampled_from([1, 2, 3, 4, 5, 6, 12, 23, 24, 0x80]), st.binary(max_size=8))
    oids = st.sampled_from([der.oid("1.2.840.113549.1.7.2"), der.oid("1.2.840.113549.1.7.1"), der.integer(1)])
    return st.recursive(
        leaves | oids,
        lambda inner: st.builds(
            lambda tag, parts: der.tlv(tag, *parts),
            st.sampled_from([0x30, 0x31, 0xA0, 0xA1]),
            st.lists(inner, max_size=6),
        ),
        max_leaves=30,
    )


@given(nested_der())
def test_well_formed_nonsense_is_refused(data: bytes):
    assert is_refused(data, "ecdsa-p256")


@given(st.integers(0), st.integers(0), nested_der())
def test_a_spliced_container_is_refused(start: int, length: int, splice: bytes):
    whole = stand().doctor.sign(CONTENT)
    start, length = start % len(whole), length % 40
    spliced = whole[:start] + splice + whole[start + length :]
    assert spliced == whole or is_refused(spliced, "ecdsa-p256")


@given(nested_der() | st.binary(max_size=300))
def test_readers_raise_only_der_errors(data: bytes):
    for reader in (der.read, read_certificate, read_crl, name_attributes):
        try:
            reader(data)
        except der.DerError:
            continue


@settings(max_examples=examples(30))
@given(st.integers(0, 2**200), st.integers(1, 2**40))
def test_numbers_read_back(value: int, arc: int):
    assert der.to_int(der.read(der.integer(value))) == value
    assert der.to_int(der.read(der.integer(-value))) == -value
    assert der.to_oid(der.read(der.oid(f"1.2.{arc}.3"))) == f"1.2.{arc}.3"


def test_twenty_megabytes_are_signed_and_checked():
    content = os.urandom(20_000_000)
    signature = stand().doctor.sign(content)
    assert check(signature, content=content).algorithm == "ecdsa-sha256"
    assert is_refused(signature, "ecdsa-p256", content[:-1] + bytes([content[-1] ^ 1]))
