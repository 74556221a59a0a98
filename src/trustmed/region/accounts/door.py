"""How the region's staff sign in."""

import asyncio

from trustmed.passwords import is_right
from trustmed.region.accounts.service import account_of_login
from trustmed.web.attempts import WrongCredentials
from trustmed.web.door import AnyRequest, Door
from trustmed.web.identity import Identity


async def _recognise(request: AnyRequest, login: str, password: str) -> Identity:
    account = await account_of_login(request.app.state.pools, login)
    kept = account.password_hash if account else None
    if not await asyncio.to_thread(is_right, password, kept) or account is None:
        raise WrongCredentials
    return Identity(account.id, account.login, account.name, account.role, account.language)


DOOR = Door(_recognise)
