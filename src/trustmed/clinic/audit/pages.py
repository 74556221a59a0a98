"""The audit trail, for the head of an organisation."""

from litestar import Response, Router, get
from litestar.params import FromQuery

from trustmed.audit.trail import NEWEST, Action, newest
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, heads
from trustmed.clinic.work import audited
from trustmed.web.forms import uuid_or_none
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import render

PAGE = 50


@get("/audit", guards=[heads])
async def trail_page(request: AnyRequest, before: FromQuery[str] = "", patient: FromQuery[str] = "") -> Response[str]:
    actor = actor_of(request)
    wanted = uuid_or_none(patient)
    databases = clinic_of(request).databases
    async with audited(databases, actor, Action.TRAIL_READ, ground="service", patient_id=wanted) as (
        connection,
        _trace,
    ):
        entries = await newest(connection, actor, PAGE + 1, uuid_or_none(before) or NEWEST, wanted)
    more = entries[PAGE - 1].id if len(entries) > PAGE and wanted is None else None
    return render(
        request,
        "audit/trail.html",
        entries=entries[:PAGE],
        more=more,
        patient=wanted,
        cut=len(entries) > PAGE,
        words=in_words(),
    )


def in_words() -> dict[str, str]:
    """Actions as people call them."""
    return {
        Action.SESSION_OPEN: _("вход"),
        Action.SESSION_CLOSE: _("выход"),
        Action.ROUTE_OPEN: _("действие не по роли"),
        Action.PATIENT_SEARCH: _("поиск пациентов"),
        Action.PATIENT_SIMILAR: _("поиск похожих пациентов"),
        Action.PATIENT_READ: _("чтение карты"),
        Action.PATIENT_REGISTER: _("регистрация пациента"),
        Action.PATIENT_EDIT: _("правка карты"),
        Action.VISIT_START: _("начало визита"),
        Action.VISIT_READ: _("чтение визита"),
        Action.DRAFT_CREATE: _("новый черновик"),
        Action.DRAFT_READ: _("чтение черновика"),
        Action.DRAFT_CHANGE: _("правка черновика"),
        Action.DRAFT_PREVIEW: _("формирование документа"),
        Action.DRAFT_CONTENT: _("просмотр до подписи"),
        Action.DOCUMENT_SIGN: _("подписание документа"),
        Action.DOCUMENT_UPLOAD: _("загрузка документа"),
        Action.DOCUMENT_READ: _("чтение документа"),
        Action.DOCUMENT_CONTENT: _("скачивание документа"),
        Action.DOCUMENT_SIGNATURE: _("чтение подписей"),
        Action.RECORD_READ: _("чтение карты региона"),
        Action.RECORD_DOCUMENT: _("чтение документа из карты региона"),
        Action.RECORD_EMERGENCY: _("экстренное открытие карты региона"),
        Action.CONSENT_GIVE: _("запись согласия"),
        Action.CONSENT_REVOKE: _("отзыв согласия"),
        Action.GLASS_READ: _("просмотр экстренного доступа"),
        Action.GLASS_SEEN: _("отметка экстренного доступа"),
        Action.SCHEDULE_READ: _("просмотр расписания"),
        Action.BOOKING_READ: _("чтение записи на приём"),
        Action.BOOKING_MAKE: _("запись на приём"),
        Action.BOOKING_CANCEL: _("отмена записи на приём"),
        Action.BOOKING_MOVE: _("перенос записи на приём"),
        Action.BOOKING_ATTEND: _("отметка о явке"),
        Action.SLOT_MAKE: _("создание талонов"),
        Action.SLOT_SHARE: _("передача талонов региону"),
        Action.SLOT_RECALL: _("запрос талонов у региона"),
        Action.SLOT_WITHDRAW: _("отмена приёма"),
        Action.TASK_READ: _("просмотр задач регистратуры"),
        Action.TASK_SETTLE: _("решение задачи регистратуры"),
        Action.SCHEDULE_CHANGE: _("изменение расписания"),
        Action.TRAIL_READ: _("чтение журнала"),
    }


pages = Router("/", route_handlers=[trail_page], include_in_schema=False)
