"""A revocation list that is too old vouches for nobody; its age is said in words."""

from datetime import timedelta

import pytest
from tests.signature_stand import CONTENT, NOW, check, crl_of, stand

from trustmed.signature.errors import CertificateRevoked, RevocationListOld
from trustmed.signature.freshness import age_words
from trustmed.signature.model import Policy
from trustmed.signature.revocation import read_crl
from trustmed.signature.software.authority import (
    Revoked,
    create_intermediate,
    issue_doctor,
    publish_crl,
    valid_for,
)
from trustmed.signature.trust import build_trust, with_lists

LINKED = Policy(oldest_crl=timedelta(days=7))
CUT_OFF = Policy(oldest_crl=timedelta(days=30), require_current_crl=False)


def verify_with_list(age: timedelta, holds: timedelta, policy: Policy) -> bool:
    """Verify a good signature by a list of this age that says how long it holds; return whether it was out of date."""
    root = stand().root
    crl = publish_crl(root, [], 1, NOW - age, NOW - age + holds)
    found = check(stand().doctor.sign(CONTENT), trust=build_trust(root.chain, (crl,)), policy=policy)
    assert found.crl
    return found.crl.stale


@pytest.mark.parametrize(("policy", "days"), [(LINKED, 7), (CUT_OFF, 30)])
def test_the_age_is_limited(policy: Policy, days: int) -> None:
    a_year = timedelta(days=365)
    assert verify_with_list(timedelta(days=days, hours=-1), a_year, policy) is False
    with pytest.raises(RevocationListOld, match=rf"was issued {days} days ago .* at most {days} days") as refused:
        verify_with_list(timedelta(days=days, hours=1), a_year, policy)
    assert f"выпущен {days} дней назад" in refused.value.ru
    assert "trustmed trust refresh" in refused.value.ru


def test_the_lists_own_end_counts_unless_the_site_is_cut_off() -> None:
    with pytest.raises(RevocationListOld, match="was issued 5 hours ago and was good until"):
        verify_with_list(timedelta(hours=5), timedelta(hours=4), LINKED)
    assert verify_with_list(timedelta(hours=5), timedelta(hours=4), CUT_OFF) is True


def test_who_is_revoked_by_an_old_list_is_refused_as_revoked() -> None:
    root, key = stand().root, stand().doctor
    crl = crl_of(root, Revoked(key.certificate.serial, NOW - timedelta(days=40)), age=timedelta(days=31))
    with pytest.raises(CertificateRevoked):
        check(key.sign(CONTENT), trust=build_trust(root.chain, (crl,)), policy=LINKED)


def test_a_roots_list_counts_by_its_own_end() -> None:
    """Roots publish once in months: a list of theirs is 100 days old and still the newest there is."""
    root = stand().root
    middle = create_intermediate(root, "Выдающий УЦ")
    doctor = issue_doctor(middle, "Иванов", "Иван Иванович", "112-233-445 95", "ГБУЗ Тест", validity=valid_for(30))
    old = publish_crl(root, [], 1, NOW - timedelta(days=100), NOW + timedelta(days=80))
    fresh = publish_crl(middle, [], 1, NOW - timedelta(hours=1), NOW + timedelta(days=1))
    check(doctor.sign(CONTENT), trust=build_trust(middle.chain, (old, fresh)), policy=LINKED)
    over = publish_crl(root, [], 1, NOW - timedelta(days=100), NOW - timedelta(days=1))
    with pytest.raises(RevocationListOld):
        check(doctor.sign(CONTENT), trust=build_trust(middle.chain, (over, fresh)), policy=LINKED)


def test_the_newest_of_file_and_table_is_used() -> None:
    root = stand().root
    own = build_trust(root.chain, (crl_of(root, age=timedelta(days=10)),))
    with pytest.raises(RevocationListOld):
        check(stand().doctor.sign(CONTENT), trust=own, policy=LINKED)
    carried = read_crl(crl_of(root, number=2))
    check(stand().doctor.sign(CONTENT), trust=with_lists(own, [carried]), policy=LINKED)


def test_ages_in_words() -> None:
    spoken = {hours: age_words(timedelta(hours=hours)) for hours in (-1, 1, 2, 47, 48, 24 * 21, 24 * 112)}
    assert spoken == {
        -1: ("0 часов", "0 hours"),
        1: ("1 час", "1 hour"),
        2: ("2 часа", "2 hours"),
        47: ("47 часов", "47 hours"),
        48: ("2 дня", "2 days"),
        24 * 21: ("21 день", "21 days"),
        24 * 112: ("112 дней", "112 days"),
    }
