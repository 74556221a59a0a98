"""Find the level of likeness of each field. All functions are symmetric and look at the two profiles only."""

from rapidfuzz.distance import OSA, JaroWinkler

from trustmed.matching.profile import Profile
from trustmed.matching.spelling.names import bases
from trustmed.matching.vocabulary import Level

_EXACT, _VARIANT, _ALIKE, _NEAR = Level.EXACT, Level.VARIANT, Level.ALIKE, Level.NEAR
_PART, _INITIAL, _SWAPPED, _SLIP, _ROUND = Level.PART, Level.INITIAL, Level.SWAPPED, Level.SLIP, Level.ROUND
_DIFFERS, _DIFFERS_WOMAN, _MISSING = Level.DIFFERS, Level.DIFFERS_WOMAN, Level.MISSING
_slips = OSA.distance
_jaro = JaroWinkler.similarity
_FIRST_OF_JANUARY = 101  # mmdd, as a birth date ends
_SURNAMES_NEAR, _FATHERS_NEAR, _STREETS_NEAR = 0.93, 0.88, 0.9  # least similarity by Jaro and Winkler


def names(a: Profile, b: Profile) -> tuple[Level, Level, Level]:
    """Return the levels of surname, given name and patronymic; one may stand in another's place."""
    surname, given, patronymic = _surname(a, b), _given(a, b), _patronymic(a, b)
    if given is not _DIFFERS:
        return surname, given, patronymic
    if (surname is _DIFFERS or surname is _DIFFERS_WOMAN) and _crossed(a, b):
        return _SWAPPED, _SWAPPED, patronymic
    if (patronymic is _DIFFERS or patronymic is _MISSING) and _given_and_patronymic(a, b):
        return surname, _SWAPPED, _SWAPPED if patronymic is _DIFFERS else patronymic
    return surname, given, patronymic


def _surname(a: Profile, b: Profile) -> Level:
    one, other = a.surname, b.surname
    if one == other:
        return _EXACT if one else _MISSING
    if not one or not other:
        return _MISSING
    if a.surname_sound == b.surname_sound:
        return _ALIKE
    if (a.surname_parts or b.surname_parts) and _halves(a, b):
        return _PART
    longest = max(len(one), len(other))
    if longest >= 4:
        slips = _slips(one, other, score_cutoff=3)
        if slips == 1:
            return _ALIKE
        if (slips == 2 and longest >= 6) or (slips == 3 and longest >= 10) or _jaro(one, other) >= _SURNAMES_NEAR:
            return _NEAR
    return _DIFFERS_WOMAN if a.sex == 2 or b.sex == 2 else _DIFFERS


def _halves(a: Profile, b: Profile) -> bool:
    ones = a.surname_sound.split() if a.surname_parts else [a.surname_sound]
    others = b.surname_sound.split() if b.surname_parts else [b.surname_sound]
    return any(one in others for one in ones)


def _given(a: Profile, b: Profile) -> Level:
    one, other = a.given, b.given
    if one == other:
        return _EXACT if one else _MISSING
    if not one or not other:
        return _MISSING
    if a.given_bases and b.given_bases:
        # If the table has both names and they are not forms of one, they differ: Марина and Мария, Евгений and Евгения.
        return _VARIANT if _share(a.given_bases, b.given_bases) else _DIFFERS
    if a.sex and b.sex and a.sex != b.sex:
        return _DIFFERS
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else _DIFFERS
    if a.given_sound == b.given_sound or _one_slip(one, other):
        return _ALIKE
    if any(_one_slip(base, other) for base in a.given_bases) or any(_one_slip(base, one) for base in b.given_bases):
        return _VARIANT
    if _jaro(one, other) >= _FATHERS_NEAR or one.startswith(other) or other.startswith(one):
        return _NEAR
    return _PART if " " in one + other and _share(tuple(one.split()), tuple(other.split())) else _DIFFERS


def _patronymic(a: Profile, b: Profile) -> Level:
    one, other = a.patronymic, b.patronymic
    if one == other:
        return _EXACT if one else _MISSING
    if not one or not other:
        return _MISSING
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else _DIFFERS
    if a.father == b.father:
        return _VARIANT
    if a.patronymic_sound == b.patronymic_sound or _one_slip(one, other) or _one_slip(a.father, b.father):
        return _ALIKE
    return _NEAR if _jaro(a.father, b.father) >= _FATHERS_NEAR else _DIFFERS


def _crossed(a: Profile, b: Profile) -> bool:
    """Whether surname and given name stand in each other's place."""
    return (_form_of(a.surname, b.given) and _form_of(a.given, b.surname)) or (
        _form_of(b.surname, a.given) and _form_of(b.given, a.surname)
    )


def _given_and_patronymic(a: Profile, b: Profile) -> bool:
    """Whether one's given name is the other's patronymic; the other way round too, unless a patronymic is absent."""
    forth, back = _form_of(a.given, b.patronymic), _form_of(b.given, a.patronymic)
    return (forth or not b.patronymic) and (back or not a.patronymic) and (forth or back)


def _form_of(one: str, other: str) -> bool:
    """Whether the words are one name, alike or in another form."""
    if not one or not other:
        return False
    return one == other or _one_slip(one, other) or _share(bases(one), bases(other))


def birth_date(a: Profile, b: Profile) -> Level:
    one, other = a.born, b.born
    if one == other:
        if not one:
            return _MISSING
        return _ROUND if one % 10000 == _FIRST_OF_JANUARY else _EXACT
    if not one or not other:
        return _MISSING
    year, month, day = one // 10000, one // 100 % 100, one % 100
    other_year, other_month, other_day = other // 10000, other // 100 % 100, other % 100
    if year == other_year:
        if month == other_day and day == other_month:
            return _SWAPPED
        if one % 10000 == _FIRST_OF_JANUARY or other % 10000 == _FIRST_OF_JANUARY:
            return _ROUND
    if _slips(str(one), str(other), score_cutoff=1) == 1:
        return _SLIP
    same = (year == other_year) + (month == other_month) + (day == other_day)
    return _PART if same == 2 else _DIFFERS


def years_apart(a: Profile, b: Profile) -> int:
    return abs(a.born // 10000 - b.born // 10000) if a.born and b.born else 0


def sex(a: Profile, b: Profile) -> Level:
    if not a.sex or not b.sex:
        return _MISSING
    return _EXACT if a.sex == b.sex else _DIFFERS


def number(one: str, one_valid: bool, other: str, other_valid: bool) -> Level:
    """Compare СНИЛС or ЕНП: only numbers that pass their check agree or differ; one slip from a valid one is SLIP."""
    if not one or not other:
        return _MISSING
    if one_valid and other_valid:
        return _EXACT if one == other else _DIFFERS
    if (one_valid or other_valid) and _slips(one, other, score_cutoff=1) == 1:
        return _SLIP
    return _MISSING


def document(a: Profile, b: Profile) -> Level:
    one, other = a.document, b.document
    if not one or not other:
        return _MISSING
    if one == other:
        return _EXACT if len(one) >= 8 else _PART
    if min(len(one), len(other)) >= 6 and (one.endswith(other) or other.endswith(one)):
        return _PART
    if len(one) >= 9 and _slips(one, other, score_cutoff=1) == 1:
        return _SLIP
    return _DIFFERS if a.document_kind == b.document_kind else _MISSING


def phone(a: Profile, b: Profile) -> Level:
    if not a.phones or not b.phones:
        return _MISSING
    if _share(a.phones, b.phones):
        return _EXACT
    slipped = any(_slips(one, other, score_cutoff=1) == 1 for one in a.phones for other in b.phones)
    return _SLIP if slipped else _DIFFERS


def address(a: Profile, b: Profile) -> Level:
    """Compare addresses: NEAR is the same street, PART the same house, ALIKE the same flat, spelt otherwise."""
    street, other = a.street, b.street
    if not street or not other:
        return _MISSING
    if street == other:
        if a.house == b.house:
            return _EXACT
    elif not _one_street(street, other):
        return _DIFFERS
    if a.house == b.house:
        return _ALIKE
    return _PART if a.house.split()[0] == b.house.split()[0] else _NEAR


def _one_street(street: str, other: str) -> bool:
    if _jaro(street, other) >= _STREETS_NEAR:
        return True
    words, others = set(street.split()), set(other.split())
    return words <= others or others <= words


def _share(ones: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return any(one in others for one in ones)


def _one_slip(one: str, other: str) -> bool:
    """Whether one letter is dropped, doubled or changed, or two are swapped; short words must be equal."""
    return min(len(one), len(other)) >= 3 and max(len(one), len(other)) >= 4 and _slips(one, other, score_cutoff=1) <= 1
