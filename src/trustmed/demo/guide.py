"""The text that `make demo` prints when the region is up."""

from trustmed.demo.citizens.program import listen_address
from trustmed.demo.content.seed import PASSWORD, login
from trustmed.demo.laptop import Laptop

STAFF = "engineer, analyst, steward, operator, physician"


def guide(laptop: Laptop) -> str:
    """Return addresses, accounts and what to try, in Russian and English."""
    topology = laptop.topology
    rows = [("Регион / Region", f"http://{topology.region.listen}/", f"{STAFF} / {PASSWORD}")]
    for site in topology.site:
        logins = [
            login(role, number) for number in range(len(site.organization)) for role in ("doctor", "registrar", "head")
        ]
        rows.append((site.title, f"http://{site.listen}/", f"{', '.join(logins)} / {PASSWORD}"))
    width = [max(len(row[column]) for row in rows) for column in range(3)]
    table = "\n".join("  " + "  ".join(cell.ljust(width[i]) for i, cell in enumerate(row)) for row in rows)
    return f"""{table}

Инженеру, стюарду и врачу скорой в регионе нужен код входа: .venv/bin/trustmed demo code ЛОГИН
An engineer, a steward, a physician of the region need a sign-in code: .venv/bin/trustmed demo code LOGIN

Попробуйте / try:
  1. Войдите врачом в больницу, найдите пациента, начните визит, заполните протокол, подпишите.
     Sign in at the hospital as the doctor, find a patient, begin a visit, fill in a protocol, sign.
  2. Смотрите, как документ появляется на странице региона.
     Watch the document appear on the region's page.
  3. Портал гражданина, из региона: войдите любым человеком, его документы и кто смотрел его карту.
     The citizen's portal, from the region: sign in as anybody; their documents, and who looked into their record.
     http://{listen_address(topology)}/portal
  4. Оборвите связь и подпишите ещё, потом верните / cut the line and sign some more, then restore:
     .venv/bin/trustmed demo cut hospital        .venv/bin/trustmed demo restore hospital
  5. Состояние связей / state of the links:
     .venv/bin/trustmed topology status --file {laptop.file}
  6. Войдите в регион стюардом индекса: близнецы, ребёнок под номером матери, новорождённый, отец и сын, два СНИЛС
     ждут решения; сменившая фамилию и набранная в другой раскладке уже связаны сами (раздел «Люди»).
     Sign in at the region as steward: twins, a child under the mother's number, a newborn, father and son, two SNILS
     wait for a decision; a changed surname and another keyboard layout are linked already (see People).
  7. Регистратором в больнице начните карту того, кто уже есть: форма предупредит до сохранения.
     As the hospital's registrar begin a card of somebody who is there already: the form warns before saving.
  8. «Запись» в больнице: расписание трёх врачей на две недели, 40 % первичных талонов у региона. Оборвите связь (п. 4),
     запишите пациента здесь, а оператором (operator) — в регионе; верните связь: обе стороны видят обе записи.
     Schedule at the hospital: three doctors, two weeks, 40 % of first visits are the region's. Cut the line (4), book
     here, and as operator at the region; restore the line: both sides see both.
  9. Карта региона: кнопка на карте пациента у врача; врачу скорой (physician) в регионе её открывает причина, и
     заведующие видят это в «Журнале доступа». / The region's record: a button on the patient's card; at the region a
     reason opens it to the physician, and the heads of the clinics see that in the audit trail.

Ctrl-C — остановить, данные сохранятся / stop, the data is kept."""
