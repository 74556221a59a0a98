"""Accesses in plain words of the request's language."""

from trustmed.audit.trail import Action as SiteAction
from trustmed.region.access.model import Action as RegionAction
from trustmed.region.disclosures.model import Action, Look
from trustmed.web.i18n import gettext as _


def done(action: str) -> str:
    """What was done."""
    known = _known().get(action)
    if known is not None:
        return known
    subject = action.split(":")[0]
    return {
        "mpi": _("Сверены данные пациентов региона"),
        "record": _("Прочитана медицинская карта"),
        "registry": _("Прочитаны сведения о документах"),
        "booking": _("Запись на приём"),
        "document": _("Работа с документом"),
        "visit": _("Работа с визитом"),
        "patient": _("Работа с картой пациента"),
    }.get(subject, _("Обращение к данным"))


def ground(look: Look) -> str:
    """On what ground."""
    if look.is_own:
        return _("вы сами, через портал")
    return {
        "own": _("собственный доступ"),
        "treatment": _("лечение"),
        "consent": _("ваше согласие"),
        "break_glass": _("экстренный доступ"),
        "service": _("служебная работа"),
    }[look.ground]


def _known() -> dict[str, str]:
    return {
        SiteAction.PATIENT_READ: _("Открыта карта пациента"),
        SiteAction.PATIENT_REGISTER: _("Заведена карта пациента"),
        SiteAction.PATIENT_EDIT: _("Исправлена карта пациента"),
        SiteAction.VISIT_START: _("Начат визит"),
        SiteAction.VISIT_READ: _("Открыт визит"),
        SiteAction.DRAFT_CREATE: _("Начат документ"),
        SiteAction.DRAFT_READ: _("Открыт неподписанный документ"),
        SiteAction.DRAFT_CHANGE: _("Изменён неподписанный документ"),
        SiteAction.DRAFT_PREVIEW: _("Документ подготовлен к подписи"),
        SiteAction.DRAFT_CONTENT: _("Документ просмотрен перед подписью"),
        SiteAction.DOCUMENT_SIGN: _("Документ подписан"),
        SiteAction.DOCUMENT_UPLOAD: _("Загружен подписанный документ"),
        SiteAction.DOCUMENT_READ: _("Открыт документ"),
        SiteAction.DOCUMENT_CONTENT: _("Скачан документ"),
        SiteAction.DOCUMENT_SIGNATURE: _("Просмотрены подписи документа"),
        SiteAction.CONSENT_GIVE: _("Записано согласие"),
        SiteAction.CONSENT_REVOKE: _("Отозвано согласие"),
        SiteAction.TRAIL_READ: _("Просмотрен список обращений"),
        SiteAction.GLASS_READ: _("Просмотрен экстренный доступ"),
        SiteAction.GLASS_SEEN: _("Отмечен экстренный доступ"),
        RegionAction.LIST: _("Просмотрен список документов"),
        RegionAction.DOCUMENT: _("Открыт документ"),
        RegionAction.BODY: _("Скачан документ"),
        RegionAction.SIGNATURES: _("Просмотрены подписи документа"),
        RegionAction.PERSON: _("Поиск человека"),
        Action.CONSENTS: _("Просмотрен список согласий"),
        Action.VIEW: _("Открыта эта страница с портала"),
        Action.GLASS: _("Экстренный доступ к медицинской карте"),
    }
