"""Sign the region's staff in by login and password."""

import asyncio

from trustmed.passwords import is_right
from trustmed.region.accounts.service import account_of_login
from trustmed.web.account import Identity
from trustmed.web.attempts import WrongCredentials
from trustmed.web.door import AnyRequest, Door


async def _recognise(request: AnyRequest, login: str, password: str) -> Identity:
    account = await account_of_login(request.app.state.pools, login)
    password_hash = account.password_hash if account else None
    # Asked without an account too, so that an unknown login takes as long as a wrong password.
    if not await asyncio.to_thread(is_right, password, password_hash) or account is None:
        raise WrongCredentials
    return Identity(account.id, account.login, account.name, account.role, account.language)


DOOR = Door(_recognise)
