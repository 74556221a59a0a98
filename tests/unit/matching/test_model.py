"""The model's file and training."""

import datetime as dt
import random
from pathlib import Path

import msgspec
import pytest

from tests.unit.matching.people import MAN, MODEL, changed, profile
from trustmed.demo.content.people import people
from trustmed.matching.card import Card
from trustmed.matching.compare import compare
from trustmed.matching.model import FOLDER, PACKAGED, ModelBroken, Training, load_model, resize_model, save_model
from trustmed.matching.profile import profile_of
from trustmed.matching.train import train
from trustmed.matching.vocabulary import Field, Level

PACKAGE = FOLDER / f"{PACKAGED}.json"


def test_the_packaged_model_is_small_and_says_how_it_was_made() -> None:
    assert PACKAGE.stat().st_size < 500_000
    made = MODEL.parameters.made
    assert made.records > 1000
    assert made.pairs > 1000
    assert dt.date.fromisoformat(made.date) > dt.date(2025, 1, 1)


def test_a_model_is_written_and_read(tmp_path: Path) -> None:
    save_model(MODEL.parameters, tmp_path / "model.json")
    assert load_model(tmp_path / "model.json") == MODEL


def test_an_absent_model_is_refused_by_file(tmp_path: Path) -> None:
    with pytest.raises(ModelBroken, match=r"absent\.json"):
        load_model(tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("persons",), 0, r"\$\.persons"),
        (("levels", "surname", "exact", "m"), 0.0, r"\$\.levels\.surname\.exact"),
        (("levels", "surname", "exact", "u"), "high", r"\$\.levels"),
        (("rare", "surname"), 2.0, r"\$\.rare\.surname"),
        (("thresholds", "margin"), None, r"\$\.thresholds\.margin"),
        (("frequencies", "surname"), {"иванов": 7.0}, r"\$\.frequencies\.surname"),
        (("levels", "phone"), "absent", r"\$\.levels"),
        (("colour",), "red", "colour"),
    ],
)
def test_a_broken_model_is_refused_by_file_and_field(
    tmp_path: Path, path: tuple[str, ...], value: object, named: str
) -> None:
    content = msgspec.json.decode(PACKAGE.read_bytes())
    *parents, last = path
    at = content
    for one in parents:
        at = at[one]
    at[last] = value
    file = tmp_path / "broken.json"
    file.write_bytes(msgspec.json.encode(content))
    with pytest.raises(ModelBroken, match=named) as caught:
        load_model(file)
    assert "broken.json" in caught.value.text("ru")


def test_the_more_persons_the_less_a_likeness_proves() -> None:
    one = profile(MAN)
    few, many = (compare(resize_model(MODEL, persons), one, one).weight for persons in (1_000, 4_000_000))
    assert few - many == pytest.approx(11.97, abs=0.01)


def test_training_learns_which_fields_tell_people_apart() -> None:
    chance = random.Random(5)
    stream = people(7)
    cards = [
        Card(one.surname, one.given_name, one.birth_date, one.sex, one.patronymic)
        for one in (next(stream) for _ in range(3000))
    ]
    slipped = [changed(one, patronymic=None if chance.random() < 0.1 else one.patronymic) for one in cards[:500]]
    for place in range(0, 500, 10):
        slipped[place] = changed(slipped[place], birth_date=slipped[place].birth_date.replace(day=1))
    profiles = [profile_of(one) for one in cards]
    pairs = [(profile_of(one), profiles[place]) for place, one in enumerate(slipped)]
    pairs += [(profile_of(chance.choice(slipped)), chance.choice(profiles)) for _ in range(1500)]
    made = Training("test", "2026-01-01", 5, len(profiles), len(pairs))
    model = train(profiles, pairs, persons=3000, version="test", made=made, random_pairs=20_000)
    rates = model.parameters.levels
    assert rates[Field.BIRTH_DATE][Level.EXACT].m == pytest.approx(0.9, abs=0.05)
    assert rates[Field.BIRTH_DATE][Level.EXACT].u < 0.001
    assert rates[Field.GIVEN_NAME][Level.EXACT].m > 0.98
    assert rates[Field.SEX][Level.EXACT].u == pytest.approx(0.5, abs=0.05)
    assert rates[Field.SNILS] == {}
    weights = [compare(model, *pair).weight for pair in pairs]
    assert min(weights[:500]) > 0 > sorted(weights[500:])[-5]  # a few of the random pairs are of one person
