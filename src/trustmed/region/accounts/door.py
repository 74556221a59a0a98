"""Sign the region's staff in and out by login, password and second factor; all of it is audited."""

import asyncio

from trustmed.audit.actions import Action
from trustmed.passwords import is_right
from trustmed.region.accounts.factor import take_code
from trustmed.region.accounts.model import FACTOR_ROLES, Account
from trustmed.region.accounts.service import account_of_login, note_at_the_door
from trustmed.web.account import Identity
from trustmed.web.attempts import WrongCredentials
from trustmed.web.entering import AnyRequest, Door, Recognised, WrongCode
from trustmed.web.identity import identity_of
from trustmed.web.sessions import owed


async def _recognise(request: AnyRequest, login: str, password: str) -> Recognised:
    pools = request.app.state.pools
    account = await account_of_login(pools, login)
    password_hash = account.password_hash if account else None
    # Asked without an account too, so that an unknown login takes as long as a wrong password.
    if not await asyncio.to_thread(is_right, password, password_hash) or account is None:
        who = _named(account, login)
        await note_at_the_door(pools, *who, Action.SESSION_OPEN, "refused", WrongCredentials.__name__)
        raise WrongCredentials
    if account.factor is None:
        await note_at_the_door(pools, *_named(account, login), Action.SESSION_OPEN)
    return Recognised(_identity(account), needs_code=account.factor is not None)


async def _take_code(request: AnyRequest, login: str, code: str) -> Identity:
    state = request.app.state
    account = await account_of_login(state.pools, login)
    if account is None:
        raise WrongCode
    try:
        await take_code(state.pools, state.factor_secret, account, code)
    except WrongCode as refusal:
        await note_at_the_door(state.pools, *_named(account, login), Action.SESSION_OPEN, "refused", refusal.code)
        raise
    await note_at_the_door(state.pools, *_named(account, login), Action.SESSION_OPEN)
    return _identity(account)


async def _note_sign_out(request: AnyRequest) -> None:
    identity = identity_of(request)
    await note_at_the_door(request.app.state.pools, str(identity.account_id), identity.name, Action.SESSION_CLOSE)


async def _note_lockout(request: AnyRequest, login: str) -> None:
    account = await account_of_login(request.app.state.pools, login)
    address = request.client.host if request.client else None
    who = _named(account, login)
    await note_at_the_door(request.app.state.pools, *who, Action.SESSION_LOCK, "refused", address)


def _identity(account: Account) -> Identity:
    owes = owed(account.role, FACTOR_ROLES, account.is_password_temporary, account.factor is not None)
    return Identity(account.id, account.login, account.name, account.role, account.language, owes=owes)


def _named(account: Account | None, login: str) -> tuple[str, str]:
    return (str(account.id), account.name) if account else ("unknown", login[:100])


DOOR = Door(_recognise, _note_sign_out, _note_lockout, _take_code)
