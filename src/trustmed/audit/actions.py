"""Every action that an audit trail records, and its wording for people.

An action has two wordings: the head of a clinic reads in the trail what the staff did; a citizen reads what was done
with their data. Values are stored in `audit.access` for ever: never change one, never reuse one for another action.
"""

from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Final

Wording = tuple[str, str]
"""Russian and English."""


@unique
class Action(StrEnum):
    """An action as subject:object:action, with its wording for the head of a clinic and for the citizen."""

    def __new__(cls, value: str, head: Wording | None = None, citizen: Wording | None = None) -> "Action":
        action = str.__new__(cls, value)
        action._value_ = value
        action.head = head
        action.citizen = citizen
        return action

    head: Wording | None
    """Wording for the head of a clinic, who reads the trail."""
    citizen: Wording | None
    """Wording for the citizen whose data it concerns."""

    # At a site.
    SESSION_OPEN = "account:session:open", ("вход", "sign-in")
    SESSION_CLOSE = "account:session:close", ("выход", "sign-out")
    SESSION_LOCK = (
        "account:session:lock",
        ("вход приостановлен: много неверных паролей", "sign-in held: wrong passwords"),
    )
    SESSION_END = "account:session:end", ("завершение сеансов", "ending sessions")
    ACCOUNTS_READ = "account:list:read", ("просмотр учётных записей", "list of accounts read")
    ACCOUNT_ADD = "account:card:create", ("новая учётная запись", "new account")
    ACCOUNT_DISABLE = "account:card:disable", ("отключение учётной записи", "disabling an account")
    ACCOUNT_ENABLE = "account:card:enable", ("включение учётной записи", "enabling an account")
    ACCOUNT_ROLE = "account:role:change", ("смена роли", "change of a role")
    ACCOUNT_PASSWORD = "account:password:change", ("смена пароля", "change of a password")
    FACTOR_SET = "account:factor:create", ("подключение кода входа", "second factor set up")
    FACTOR_RESET = "account:factor:reset", ("сброс кода входа", "second factor reset")
    RECOVERY_USE = "account:recovery:use", ("вход по запасному коду", "sign-in by a recovery code")
    ROUTE_OPEN = "account:route:open", ("попытка действия не по роли", "an attempt outside the role")
    PATIENT_SEARCH = "patient:list:read", ("поиск пациентов", "search for patients")
    PATIENT_SIMILAR = "patient:list:compare", ("поиск похожих пациентов", "looking for similar patients")
    PATIENT_READ = (
        "patient:card:read",
        ("чтение карты", "reading a card"),
        ("Открыта карта пациента", "The patient's card was opened"),
    )
    PATIENT_REGISTER = (
        "patient:card:create",
        ("регистрация пациента", "registering a patient"),
        ("Заведена карта пациента", "The patient's card was made"),
    )
    PATIENT_EDIT = (
        "patient:card:change",
        ("правка карты", "correcting a card"),
        ("Исправлена карта пациента", "The patient's card was corrected"),
    )
    VISIT_START = "visit:card:create", ("начало визита", "beginning a visit"), ("Начат визит", "A visit was begun")
    VISIT_READ = "visit:card:read", ("чтение визита", "reading a visit"), ("Открыт визит", "A visit was opened")
    DRAFT_CREATE = "draft:form:create", ("новый черновик", "new draft"), ("Начат документ", "A document was begun")
    DRAFT_READ = (
        "draft:form:read",
        ("чтение черновика", "reading a draft"),
        ("Открыт неподписанный документ", "An unsigned document was opened"),
    )
    DRAFT_CHANGE = (
        "draft:form:change",
        ("правка черновика", "changing a draft"),
        ("Изменён неподписанный документ", "An unsigned document was changed"),
    )
    DRAFT_PREVIEW = (
        "draft:content:build",
        ("формирование документа", "building a document"),
        ("Документ подготовлен к подписи", "A document was made ready to sign"),
    )
    DRAFT_CONTENT = (
        "draft:content:read",
        ("просмотр до подписи", "preview before signing"),
        ("Документ просмотрен перед подписью", "A document was looked through before signing"),
    )
    DOCUMENT_SIGN = (
        "document:content:sign",
        ("подписание документа", "signing a document"),
        ("Документ подписан", "A document was signed"),
    )
    DOCUMENT_UPLOAD = (
        "document:content:upload",
        ("загрузка документа", "uploading a document"),
        ("Загружен подписанный документ", "A signed document was uploaded"),
    )
    DOCUMENT_READ = (
        "document:card:read",
        ("чтение документа", "reading a document"),
        ("Открыт документ", "A document was opened"),
    )
    DOCUMENT_CONTENT = (
        "document:content:read",
        ("скачивание документа", "downloading a document"),
        ("Скачан документ", "A document was downloaded"),
    )
    DOCUMENT_SIGNATURE = (
        "document:signature:read",
        ("чтение подписей", "reading signatures"),
        ("Просмотрены подписи документа", "A document's signatures were viewed"),
    )
    RECORD_READ = "record:timeline:read", ("чтение карты региона", "region's record read")
    RECORD_NEW_VISIT = (
        "record:new_visit:read",
        ("чтение части карты региона по новому визиту", "part of the region's record read by a new visit"),
        (
            "Прочитана часть медицинской карты: по новому визиту, без записи на приём",
            "A part of the medical record was read: by a new visit, without a booking",
        ),
    )
    RECORD_UNVERIFIED = (
        "record:unverified:read",
        None,
        (
            "Прочитана медицинская карта: основание не проверено, часть системы была недоступна",
            "The medical record was read: the ground was not verified, a part of the system was away",
        ),
    )
    NEW_VISITS_READ = (
        "audit:new_visit:read",
        ("просмотр новых визитов без записи", "review of new visits without a booking"),
        ("Просмотрены новые визиты без записи", "New visits without a booking were reviewed"),
    )
    NEW_VISITS_SEEN = (
        "audit:new_visit:mark",
        ("отметка о просмотре новых визитов", "marking new visits as seen"),
        ("Отмечены новые визиты", "New visits were marked as seen"),
    )
    VISIT_CONFIRM = (
        "visit:card:confirm",
        ("отметка о приходе пациента", "noting that the patient came"),
        ("Отмечен приход пациента", "It was noted that the patient came"),
    )
    RECORD_DOCUMENT = (
        "record:document:read",
        ("чтение документа из карты региона", "document of the region's record read"),
    )
    RECORD_EMERGENCY = (
        "record:glass:break",
        ("экстренное открытие карты региона", "region's record opened in an emergency"),
        ("Экстренный доступ к медицинской карте", "Emergency access to the medical record"),
    )
    CONSENT_GIVE = (
        "consent:card:create",
        ("запись согласия", "recording of a consent"),
        ("Записано согласие", "A consent was recorded"),
    )
    CONSENT_REVOKE = (
        "consent:card:revoke",
        ("отзыв согласия", "revocation of a consent"),
        ("Отозвано согласие", "A consent was revoked"),
    )
    SCHEDULE_READ = "booking:day:read", ("просмотр расписания", "schedule looked at")
    BOOKING_READ = "booking:card:read", ("чтение записи на приём", "booking read")
    BOOKING_MAKE = "booking:card:create", ("запись на приём", "booking")
    BOOKING_CANCEL = "booking:card:cancel", ("отмена записи на приём", "booking cancelled")
    BOOKING_MOVE = "booking:card:move", ("перенос записи на приём", "booking moved")
    BOOKING_ATTEND = "booking:card:attend", ("отметка о явке", "attendance noted")
    SLOT_MAKE = "booking:slot:create", ("создание талонов", "slots made")
    SLOT_SHARE = "booking:slot:share", ("передача талонов региону", "slots handed over to the region")
    SLOT_RECALL = "booking:slot:recall", ("запрос талонов у региона", "slots asked back from the region")
    SLOT_WITHDRAW = "booking:slot:withdraw", ("отмена приёма", "slots withdrawn")
    TASK_READ = "booking:task:read", ("просмотр задач регистратуры", "registrar's tasks looked at")
    TASK_SETTLE = "booking:task:settle", ("закрытие задачи регистратуры", "registrar's task closed")
    SCHEDULE_CHANGE = "booking:hours:change", ("изменение расписания", "schedule changed")
    TRAIL_READ = (
        "audit:trail:read",
        ("чтение журнала", "reading the trail"),
        ("Просмотрен список обращений", "The list of accesses was viewed"),
    )
    GLASS_READ = (
        "audit:glass:read",
        ("просмотр экстренного доступа", "review of emergency accesses"),
        ("Просмотрен экстренный доступ", "Emergency accesses were reviewed"),
    )
    GLASS_SEEN = (
        "audit:glass:mark",
        ("отметка о просмотре экстренного доступа", "marking emergency accesses as seen"),
        ("Отмечен экстренный доступ", "Emergency accesses were marked as seen"),
    )

    # At the region.
    DOCUMENTS_LIST = (
        "registry:documents:list",
        None,
        ("Просмотрен список документов", "The list of documents was viewed"),
    )
    REGISTRY_DOCUMENT = "registry:document:read", None, ("Открыт документ", "A document was opened")
    RECORD_BODY = "record:body:read", None, ("Скачан документ", "A document was downloaded")
    RECORD_SIGNATURES = (
        "record:signatures:read",
        None,
        ("Просмотрены подписи документа", "A document's signatures were viewed"),
    )
    PERSON_FIND = "mpi:person:find", None, ("Поиск человека", "A person was searched for")
    CLIENT_ENTER = "portal:client:enter"
    CLIENT_ADD = "client:card:create"
    CLIENT_DISABLE = "client:card:disable"
    CLIENT_ENABLE = "client:card:enable"
    CLIENT_ROTATE = "client:token:rotate"
    CLIENT_KEY = "client:key:change"
    CITIZEN_ENTER = "portal:citizen:enter"
    CONSENTS_READ = "consent:list:read", None, ("Просмотрен список согласий", "The list of consents was viewed")
    VIEW_OPEN = "audit:view:open", None, ("Открыта эта страница с портала", "This page was opened from the portal")
    REGION_BOOK = "booking:slot:book"
    REGION_MOVE = "booking:slot:move"
    REGION_CANCEL = "booking:slot:cancel"
    REGION_BOOKINGS = "booking:patient:list"

    # The region's authority of certificates.
    AUTHORITY_INIT = "authority:root:create"
    AUTHORITY_CODE = "authority:code:create"
    AUTHORITY_ENROL = "authority:certificate:enrol"
    AUTHORITY_RENEW = "authority:certificate:renew"
    AUTHORITY_ISSUE = "authority:certificate:issue"
    AUTHORITY_REVOKE = "authority:certificate:revoke"
    AUTHORITY_RESTORE = "authority:certificate:restore"

    # With the index of patients: row security opens the index only to a transaction that has written such a row.
    INDEX_SEARCH = "mpi:index:search"
    INDEX_MATCH = "mpi:index:match"
    INDEX_PERSON = "mpi:index:read"
    INDEX_QUEUE = "mpi:index:queue"
    INDEX_REVIEW = "mpi:index:compare"
    INDEX_MERGE = "mpi:index:merge"
    INDEX_SPLIT = "mpi:index:split"
    INDEX_NOT_SAME = "mpi:index:part"
    INDEX_UNDO = "mpi:index:undo"
    INDEX_PIN = "mpi:index:pin"
    INDEX_CITIZEN = "mpi:index:citizen"


# Wordings for the citizen, by subject, of actions without their own and of actions that a newer program wrote.
OF_SUBJECT: Final[Mapping[str, Wording]] = {
    "mpi": ("Сверены данные пациентов региона", "Patients' data of the region were compared"),
    "record": ("Прочитана медицинская карта", "The medical record was read"),
    "registry": ("Прочитаны сведения о документах", "The registry of documents was read"),
    "booking": ("Запись на приём", "Booking of a visit"),
    "document": ("Работа с документом", "Work on a document"),
    "visit": ("Работа с визитом", "Work on a visit"),
    "patient": ("Работа с картой пациента", "Work on the patient's card"),
}
OF_ANY: Final[Wording] = ("Обращение к данным", "Data were accessed")

_BY_VALUE: Final[Mapping[str, Action]] = {action.value: action for action in Action}


def words_for_head(action: str) -> Wording | None:
    """Return the wording of a stored action for a head; None if it has none."""
    known = _BY_VALUE.get(action)
    return known.head if known else None


def words_for_citizen(action: str) -> Wording:
    """Return the wording of a stored action for the citizen, in general words if it has none of its own."""
    known = _BY_VALUE.get(action)
    if known and known.citizen:
        return known.citizen
    return OF_SUBJECT.get(action.partition(":")[0], OF_ANY)
