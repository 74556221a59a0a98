"""Why an account cannot be changed."""

from difflib import get_close_matches

from trustmed.errors import Forbidden, InputRefused, NotFound


class AccountUnknown(NotFound):
    """There is no account with this login; the text names those that are spelled alike."""

    def __init__(self, login: str, known: list[str]) -> None:
        alike = ", ".join(get_close_matches(login.lower(), known, 3))
        super().__init__(
            f"Учётной записи «{login}» нет." + (f" Похожие: {alike}." if alike else "") + " Посмотрите список записей.",
            f"There is no account {login!r}."
            + (f" Alike: {alike}." if alike else "")
            + " Look at the list of accounts.",
        )


class StaffRoleUnknown(InputRefused):
    """There is no such role here."""

    def __init__(self, role: str, roles: tuple[str, ...]) -> None:
        super().__init__(
            f"Роли «{role}» нет. Допустимы: {', '.join(roles)}.",
            f"There is no role {role!r}. Permitted: {', '.join(roles)}.",
        )


class LastOfRole(InputRefused):
    """Nobody else enabled has the role without which accounts can be kept by commands only."""

    def __init__(self, role: str) -> None:
        super().__init__(
            f"Это последняя действующая учётная запись с ролью {role}. Сначала дайте эту роль ещё кому-нибудь. "
            "Команда выполнит это и так, если добавить --force.",
            f"This is the last enabled account of role {role}. Give the role to somebody else first. "
            "The command does it all the same with --force.",
        )


class PasswordsDiffer(InputRefused):
    """The password typed again is another one."""

    def __init__(self) -> None:
        super().__init__("Пароли не совпали, ничего не изменено.", "The passwords differ; nothing was changed.")


class PasswordSame(InputRefused):
    """The new password is the present one."""

    def __init__(self) -> None:
        super().__init__("Новый пароль совпадает с прежним.", "The new password is the present one.")


class KeepingForbidden(Forbidden):
    """The author may not do this to this account."""

    def __init__(self) -> None:
        super().__init__(
            "Это действие с учётной записью вам не разрешено. Собственную запись не отключают и роль себе не меняют: "
            "попросите коллегу.",
            "You may not do this to this account. Nobody disables the own account or changes its role: ask another.",
        )
