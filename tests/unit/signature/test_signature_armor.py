"""Containers as tools save them: text is decoded to the same DER, anything else is left as it is."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.signature_stand import CONTENT, check, stand

from trustmed.signature.armor import remove_armor

DER = stand().doctor.sign(CONTENT)
LINES = base64.encodebytes(DER)


@pytest.mark.parametrize(
    "file",
    [
        DER,
        LINES,
        LINES.replace(b"\n", b"\r\n"),
        base64.b64encode(DER),
        b"\xef\xbb\xbf" + base64.b64encode(DER) + b"\r\n",
        b"-----BEGIN CMS-----\n" + LINES + b"-----END CMS-----\n",
        b"\r\n-----BEGIN PKCS7-----\r\n" + LINES + b"-----END PKCS7-----",
        b"-----BEGIN PKCS #7 SIGNED DATA-----\n" + LINES + b"-----END PKCS #7 SIGNED DATA-----\n",
    ],
)
def test_a_signature_saved_as_text_is_decoded_to_the_same_der(file: bytes) -> None:
    assert remove_armor(file) == DER
    assert check(remove_armor(file)).signer.snils is not None


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"MII",
        b"MIIB!!!!",
        b"-----BEGIN CMS-----\n" + LINES + b"-----END PKCS7-----\n",
        b"-----BEGIN CERTIFICATE-----\n" + LINES + b"-----END CERTIFICATE-----\n",
        LINES[:-3] + b"*\n",
    ],
)
def test_a_file_that_is_no_armored_signature_is_left_as_it_is(file: bytes) -> None:
    assert remove_armor(file) == file


@given(st.binary(max_size=300))
def test_a_binary_signature_is_never_mistaken_for_text(tail: bytes) -> None:
    assert remove_armor(b"\x30\x82" + tail) == b"\x30\x82" + tail
