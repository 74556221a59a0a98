"""Recovery codes of the second factor cannot be tried out by whoever stole the database."""

import math

from trustmed.staff import factor
from trustmed.web.entering import LONGEST_CODE

STANDARD_BITS = 112
"""Below that OWASP ASVS (6.5.2) asks for a dear hash with salt."""


def test_codes_are_long_enough_for_a_plain_digest_and_short_enough_for_the_door() -> None:
    codes = factor.new_recovery_codes()
    letters = {code.replace("-", "") for code in codes}
    assert len(letters) == factor.RECOVERY_CODES
    assert all(len(code) * math.log2(len(factor.RECOVERY_CHARACTERS)) >= STANDARD_BITS for code in letters)
    assert all(len(code) <= LONGEST_CODE for code in codes)
    assert [factor.recovery_sha256(code.upper().replace("-", " ")) for code in codes] == factor.recovery_hashes(codes)
