"""Every act in a trail has plain words in both languages, even an unforeseen one."""

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import pytest

from trustmed.audit.actions import Action
from trustmed.audit.trail import Ground
from trustmed.region.disclosures import words
from trustmed.region.disclosures.model import Look
from trustmed.web import i18n

OF_NO_PATIENT = {"account", "authority", "client", "portal"}
GENERAL_WORDS = {"ru": "Обращение к данным", "en": "Data were accessed"}


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest):
    i18n.install(["trustmed.web", "trustmed.region.disclosures"])
    before = i18n.current.set(request.param)
    yield request.param
    i18n.current.reset(before)


def test_every_act_on_a_patient_has_words_of_its_own(language: str):
    acts = [act for act in Action if act.value.partition(":")[0] not in OF_NO_PATIENT]
    assert len(acts) > 30
    assert [act for act in acts if words.action_words(act) == GENERAL_WORDS[language]] == []


@pytest.mark.parametrize("action", ["", "x", "new:thing:done", "::"])
def test_an_unforeseen_act_has_general_words(language: str, action: str):
    assert words.action_words(action) == GENERAL_WORDS[language]


@pytest.mark.parametrize("ground", get_args(Ground))
@pytest.mark.parametrize("channel", ["site", "portal", "region"])
def test_every_ground_has_words(language: str, ground: str, channel: str):
    look = Look(UUID(int=1), datetime.now(UTC), "x", None, None, channel, "x:x:x", ground, None, None)
    assert words.ground_words(look)
    assert look.is_own == (ground == "own" and channel == "portal")
