"""A portal enters with a citizen's token and a proof of its own, each proof once; whatever is amiss opens nothing."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from tests.citizens import PORTAL, Signer, claims, present, proof, token
from tests.fix_region import TOKEN, RegionStand, new_snils
from trustmed.region.citizens.admission import Entrance
from trustmed.schema import Place

PATH = "/portal/v1/documents"


def address_of(portal: AsyncTestClient, path: str = PATH) -> str:
    return str(portal.base_url.join(path))


def last_refusals(region: RegionStand) -> list[tuple[Any, ...]]:
    return [row for row in region.audit(Place.MPI) if row[0] == "portal:citizen:enter"]


async def test_a_proof_serves_once_in_all_processes(region: RegionStand, portal: AsyncTestClient):
    headers = present("GET", address_of(portal), token(region.add_citizen().snils))
    answers = await asyncio.gather(*(portal.get(PATH, headers=headers) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [200, 401, 401, 401, 401, 401]
    portal.app.state.entrance = Entrance(region.topology.region.citizens, region.topology.folder)  # another process
    again = await portal.get(PATH, headers=headers)
    assert (again.status_code, again.json()["code"]) == (401, "ProofSpent")
    assert again.headers["www-authenticate"] == 'DPoP error="invalid_dpop_proof"'
    assert last_refusals(region)[-1][1:] == ("refused", None, None, "portal", "own", "ProofSpent; sub 1000299654")


async def test_proofs_that_are_too_old_are_not_kept(region: RegionStand, portal: AsyncTestClient):
    with region.admin(Place.MPI) as connection:
        connection.execute("update mpi.spent_proof set until = now() - interval '1 hour'")
        (before,) = connection.execute("select count(*) from mpi.spent_proof").fetchone() or (0,)
        await portal.get(PATH, headers={"as-citizen": new_snils()})
        (after,) = connection.execute("select count(*) from mpi.spent_proof").fetchone() or (0,)
    assert after == max(before - 2, 0) + 1


async def test_a_token_of_another_portal_is_refused(region: RegionStand, portal: AsyncTestClient):
    stolen = token(region.add_citizen().snils, aud="another portal")
    answer = await portal.get(PATH, headers=present("GET", address_of(portal), stolen))
    assert (answer.status_code, answer.json()["code"]) == (401, "CitizenTokenRefused")
    assert answer.headers["www-authenticate"] == 'DPoP error="invalid_token"'


async def test_a_token_and_a_bearer_without_the_portals_key_open_nothing(region: RegionStand, portal: AsyncTestClient):
    thief, citizen_token = Signer(), token(region.add_citizen().snils)
    stolen = {"X-Citizen-Token": citizen_token}
    forged = stolen | {"DPoP": proof("GET", address_of(portal), citizen_token, by=thief)}
    for headers in (stolen, forged, forged | {"DPoP": "x"}):
        answer = await portal.get(PATH, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "ProofRefused")


async def test_an_expired_token_says_to_sign_in_again(portal: AsyncTestClient):
    old = token(new_snils(), iat=int(time.time()) - 900, exp=int(time.time()) - 300)
    answer = await portal.get(PATH, headers=present("GET", address_of(portal), old) | {"accept-language": "ru"})
    assert (answer.status_code, answer.json()["code"]) == (401, "CitizenTokenExpired")
    assert "войдёт на портал заново" in answer.json()["detail"]


async def test_an_account_that_nobody_confirmed_is_told_what_to_do(portal: AsyncTestClient):
    simple = token(new_snils(), acr="simple")
    answer = await portal.get(PATH, headers=present("GET", address_of(portal), simple) | {"accept-language": "ru"})
    assert (answer.status_code, answer.json()["code"]) == (403, "LevelTooLow")
    assert "Подтвердите личность" in answer.json()["detail"]


async def test_without_a_provider_the_interface_is_closed(region: RegionStand, portal: AsyncTestClient, tmp_path: Path):
    entrance = portal.app.state.entrance
    portal.app.state.entrance = Entrance(None, tmp_path)
    try:
        answer = await portal.get(PATH, headers={"as-citizen": region.add_citizen().snils})
    finally:
        portal.app.state.entrance = entrance
    assert (answer.status_code, answer.json()["code"]) == (503, "CitizensNotSetUp")


async def test_a_client_that_no_key_binds_is_refused(region: RegionStand, portal: AsyncTestClient):
    name = region.add_client("an unbound token", ["portal"])
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("update access.client set key_thumbprint = null where name = %s", (name,))
    headers = {"authorization": "Bearer an unbound token", "as-citizen": new_snils()}
    answer = await portal.get(PATH, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "PortalNotBound")


async def test_a_body_is_not_looked_at_before_the_citizen_is_known(portal: AsyncTestClient):
    headers = {"content-type": "application/json"}
    stranger = await portal.post("/portal/v1/views", content=b"{", headers=headers)
    assert (stranger.status_code, stranger.json()["code"]) == (401, "CitizenTokenRefused")
    known = await portal.post("/portal/v1/views", content=b"{", headers=headers | {"as-citizen": new_snils()})
    assert (known.status_code, known.json()["code"]) == (400, "RequestRefused")


async def test_two_tokens_or_two_proofs_are_refused(portal: AsyncTestClient):
    one = present("GET", address_of(portal), token(new_snils()))
    bearer = ("authorization", f"Bearer {TOKEN}")
    for name, code in (("X-Citizen-Token", "CitizenTokenRefused"), ("DPoP", "ProofRefused")):
        answer = await portal.get(PATH, headers=[bearer, *one.items(), (name, one[name])])
        assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_a_token_bound_to_another_key_is_refused(portal: AsyncTestClient):
    for key, status in ((PORTAL.thumbprint, 200), (Signer().thumbprint, 401)):
        bound = token(new_snils(), cnf={"jkt": key})
        assert (await portal.get(PATH, headers=present("GET", address_of(portal), bound))).status_code == status


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_nobody_enters_while_proofs_cannot_be_spent(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    with region.stopped("centre"):
        answer = await portal.get(PATH, headers={"as-citizen": alice.snils})
    assert answer.status_code == 503


def test_claims_of_the_stand_are_complete():
    assert {"iss", "aud", "exp", "iat", "nonce", "sub", "snils", "acr"} <= claims(new_snils()).keys()
