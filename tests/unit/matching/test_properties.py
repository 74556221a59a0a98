"""Properties of matching that hold for any two people."""

import datetime as dt
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.matching.people import ENP, MAN, MODEL, ONE, OTHER_ENP, OTHER_SNILS, SNILS, changed, profile
from trustmed.demo.content.people import MEN, SURNAMES, WOMEN, patronymic
from trustmed.matching.card import Card
from trustmed.matching.compare import compare
from trustmed.matching.decide import Candidate, decide
from trustmed.matching.keys import KeyKind, deep_probes_of, keys_of, kind_of, probes_of
from trustmed.matching.profile import FORMAT, Profile, ProfileFormat, pack, profile_of, unpack
from trustmed.matching.vocabulary import Conflict, Field

FEW = settings(max_examples=examples(40))
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
SURNAME = st.sampled_from(SURNAMES) | st.sampled_from(["Иванов-Петров", "Ivanov", "Bdfyjd", "Неизвестный", "-"]) | TEXT
GIVEN = st.sampled_from(MEN + WOMEN) | st.sampled_from(["Саша", "А.", "Новорожденный", "Fktrcfylh"]) | TEXT
CARDS = st.builds(
    Card,
    surname=SURNAME,
    given_name=GIVEN,
    patronymic=st.none() | st.builds(patronymic, st.sampled_from(MEN), st.sampled_from((1, 2))) | TEXT,
    birth_date=st.dates(dt.date(1985, 1, 1), dt.date(1985, 3, 20)) | st.dates(dt.date(1900, 1, 1)),
    sex=st.sampled_from((1, 2, 3)),
    snils=st.sampled_from((None, SNILS, OTHER_SNILS, "11223344596", "0")),
    enp=st.sampled_from((None, ENP, OTHER_ENP)),
    identity_series=st.none() | st.just("4510") | TEXT,
    identity_number=st.none() | st.just("123987") | TEXT,
    phone=st.none() | st.just("8 912 345 67 98") | TEXT,
    address=st.none() | st.just("ул. Мира, д. 12, кв. 45") | TEXT,
)
PROFILES = st.builds(profile_of, CARDS)
IGNORED = st.frozensets(st.sampled_from((Field.PHONE, Field.ADDRESS, Field.SNILS, Field.DOCUMENT)))
CANDIDATES = st.lists(
    st.builds(Candidate, st.sampled_from([UUID(int=n) for n in range(1, 4)]), st.integers(0, 99), PROFILES),
    max_size=6,
    unique_by=lambda one: one.source,
)


@FEW
@given(PROFILES, PROFILES, IGNORED)
def test_comparing_is_symmetric(a: Profile, b: Profile, ignored: frozenset[Field]) -> None:
    assert compare(MODEL, a, b, ignored) == compare(MODEL, b, a, ignored)


@FEW
@given(PROFILES)
def test_keys_are_among_probes(one: Profile) -> None:
    keys = keys_of(one)
    assert keys == tuple(sorted(set(keys)))
    assert all(-(2**63) <= key < 2**63 for key in keys)
    dates = {key for key in keys if kind_of(key) is KeyKind.DATE}
    assert set(keys) - dates <= set(probes_of(one))
    assert dates <= set(deep_probes_of(one))
    assert {kind_of(probe) for probe in deep_probes_of(one)} <= {KeyKind.DATE}


@FEW
@given(PROFILES)
def test_packing_keeps_every_field(one: Profile) -> None:
    assert unpack(pack(one)) == one


@pytest.mark.parametrize("data", [b"", b"\x00", pack(msgspec.structs.replace(profile(MAN), format=FORMAT + 1))])
def test_a_profile_of_another_format_is_refused(data: bytes) -> None:
    with pytest.raises(ProfileFormat):
        unpack(data)


@FEW
@given(PROFILES, CANDIDATES)
def test_a_hard_conflict_never_links(one: Profile, candidates: list[Candidate]) -> None:
    found = decide(MODEL, one, candidates)
    if found.outcome == "linked":
        chosen = found.best[0]
        assert found.person == chosen.person
        assert not chosen.conflicts
        assert chosen.comparison.weight >= MODEL.thresholds.automatic
        assert found.margin is None or found.margin >= MODEL.thresholds.margin
    else:
        assert found.person is None


@FEW
@given(PROFILES, CANDIDATES, st.randoms())
def test_the_order_of_candidates_does_not_matter(one: Profile, candidates: list[Candidate], chance) -> None:
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert decide(MODEL, one, shuffled) == decide(MODEL, one, candidates)


@FEW
@given(PROFILES, CANDIDATES, PROFILES)
def test_an_unrelated_candidate_changes_nothing(one: Profile, candidates: list[Candidate], other: Profile) -> None:
    if compare(MODEL, one, other).weight < MODEL.thresholds.review:
        stranger = Candidate(UUID(int=9), "stranger", other)
        assert decide(MODEL, one, [*candidates, stranger]) == decide(MODEL, one, candidates)


@FEW
@given(PROFILES, CANDIDATES)
def test_a_person_kept_apart_is_never_proposed(one: Profile, candidates: list[Candidate]) -> None:
    found = decide(MODEL, one, candidates, frozenset({ONE}))
    assert all(best.person != ONE for best in found.best)


@FEW
@given(CARDS, CARDS)
def test_two_different_valid_snils_always_conflict(a: Card, b: Card) -> None:
    comparison = compare(MODEL, profile(a, snils=SNILS), profile(b, snils=OTHER_SNILS))
    assert Conflict.OTHER_SNILS in comparison.conflicts


def test_ignored_fields_weigh_nothing() -> None:
    one = profile(MAN)
    ignored = frozenset({Field.PHONE, Field.ADDRESS})
    assert (
        compare(MODEL, one, one, ignored).weight == compare(MODEL, one, profile(MAN, phone=None, address=None)).weight
    )


def test_keys_find_a_card_in_spite_of_slips() -> None:
    stored = set(keys_of(profile(MAN, birth_date=dt.date(1985, 3, 7))))
    for slip in (
        {"birth_date": dt.date(1985, 7, 3), "phone": None, "address": None},
        {"surname": "Александр", "given_name": "Журавлёв", "phone": None, "address": None},
        {"surname": "Сидоров", "phone": None, "address": None, "birth_date": dt.date(1985, 3, 7)},
        {"given_name": "Саша", "patronymic": None, "phone": None, "address": None, "birth_date": dt.date(1985, 3, 9)},
        {"birth_date": dt.date(1971, 3, 7), "phone": None, "address": None},
        {"surname": "Ы", "given_name": "Ы", "birth_date": dt.date(1971, 3, 7)},
    ):
        asked = profile(changed(MAN, birth_date=dt.date(1985, 3, 7)), **slip)
        assert stored & set(probes_of(asked)), slip


def test_keys_are_the_same_in_every_process() -> None:
    """Keys are stored, so their values are part of the format."""
    found = keys_of(profile(MAN, snils=SNILS))
    assert sorted(map(kind_of, found)) == [
        KeyKind.SNILS,
        KeyKind.DATE_SURNAME,
        KeyKind.DATE_GIVEN,
        KeyKind.NAME_YEAR,
        KeyKind.FULL_NAME,
        KeyKind.PHONE,
        KeyKind.ADDRESS_GIVEN,
        KeyKind.DATE,
    ]
    assert next(key for key in found if kind_of(key) is KeyKind.SNILS) == 1861977959147587841
