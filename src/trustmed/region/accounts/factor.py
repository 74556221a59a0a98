"""The second factor of an account of the region: take a code once, set a new one up."""

from uuid import UUID

from trustmed.db.async_rows import find_value
from trustmed.region.accounts.model import Account
from trustmed.region.accounts.service import QUERIES
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.staff import factor
from trustmed.web.entering import WrongCode
from trustmed.web.sessions import identifier_of


async def take_code(pools: Pools, key: str, account: Account, code: str) -> None:
    """Take a code of the phone, or a recovery code, which lets in once. Raises WrongCode, PartMissing."""
    if not await (_take_code_by_time if factor.is_code_by_time(code) else _take_recovery_code)(
        pools, key, account, code
    ):
        raise WrongCode


async def set_factor(pools: Pools, key: str, account_id: UUID, token: str, secret: bytes, code: str) -> list[str]:
    """Give the account of the session a second factor, shown to work by a code; return its recovery codes.

    Raises WrongCode, PartMissing.
    """
    step = factor.step_of(secret, code, factor.step_now())
    if step is None:
        raise WrongCode
    codes = factor.new_recovery_codes()
    values: dict[str, object] = {
        "session": identifier_of(token),
        "factor": factor.seal(key, account_id, secret),
        "step": step,
        "recovery": factor.recovery_hashes(codes),
    }
    if not await _ask(pools, "set_factor", values):
        raise WrongCode
    return codes


async def _take_code_by_time(pools: Pools, key: str, account: Account, code: str) -> bool:
    secret = factor.unseal(key, account.id, account.factor) if account.factor else None
    step = factor.step_of(secret, code, factor.step_now()) if secret else None
    return step is not None and await _ask(pools, "take_factor_step", {"account_id": account.id, "step": step})


async def _take_recovery_code(pools: Pools, key: str, account: Account, code: str) -> bool:
    values = {"account_id": account.id, "sha256": factor.recovery_sha256(code)}
    return await _ask(pools, "take_recovery_code", values)


async def _ask(pools: Pools, query: str, values: dict[str, object]) -> bool:
    async with pools.connection(pools.of_place(Place.REGISTRY)) as connection:
        return bool(await find_value(connection, QUERIES[query], values))
