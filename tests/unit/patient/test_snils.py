import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.patient.identifiers import snils_check_number
from trustmed.patient.snils import SnilsRefused, normalise_snils

NINE = st.integers(min_value=1_001_999, max_value=999_999_999).map("{:09}".format)


@pytest.mark.parametrize("text", ["11223344595", "112-233-445 95", "112-233-44595", " 112 233 445 95 "])
def test_snils_is_read_however_it_is_written(text: str):
    assert normalise_snils(text) == "11223344595"


@given(NINE)
def test_only_the_right_control_number_is_accepted(nine: str):
    right = snils_check_number(nine)
    assert normalise_snils(f"{nine}{right:02}") == f"{nine}{right:02}"
    with pytest.raises(SnilsRefused):
        normalise_snils(f"{nine}{(right + 1) % 100:02}")


def test_old_numbers_are_accepted_without_a_control_number():
    assert normalise_snils("00100199799") == "00100199799"


@pytest.mark.parametrize(
    "text", ["", "1", "00000000000", "1122334459", "112233445955", "112.233.445 95", "١١٢٢٣٣٤٤٥٩٥", "112-233-445\n95"]
)
def test_any_other_text_is_refused_and_not_repeated(text: str):
    with pytest.raises(SnilsRefused) as refused:
        normalise_snils(text)
    assert (refused.value.ru, refused.value.en) == (SnilsRefused().ru, SnilsRefused().en)


@pytest.mark.parametrize(("nine", "number"), [("112233445", 95), ("087654303", 0), ("087654302", 0)])
def test_control_numbers_agree_with_known_examples(nine: str, number: int):
    assert snils_check_number(nine) == number
