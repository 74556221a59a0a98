"""Citizens whom the demo's portal presents in a benchmark, without a provider between: its key is at hand."""

import time

from trustmed.demo.citizens.accounts import Account, accounts, sub_of
from trustmed.demo.citizens.keys import CLIENT_ID, LIFETIME, PORTAL, PROVIDER, ensure_key, id_token, proof
from trustmed.demo.citizens.program import issuer_of
from trustmed.topology.file.spec import Topology


class Citizens:
    """Tokens and proofs of citizens."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._accounts = accounts(topology)
        self._provider, self._portal = ensure_key(topology, PROVIDER), ensure_key(topology, PORTAL)
        self._tokens: dict[str, tuple[float, str]] = {}

    def token(self, snils: str, account: Account | None = None) -> str:
        """Return a token of the person, who is one of the demo's unless another account is given."""
        until, token = self._tokens.get(snils, (0.0, ""))
        if time.monotonic() > until:
            who = account or self._accounts[sub_of(snils)]
            token = id_token(self._provider, issuer_of(self._topology), who, CLIENT_ID, "benchmark")
            self._tokens[snils] = (time.monotonic() + LIFETIME / 2, token)
        return token

    def headers(self, method: str, path: str, snils: str, account: Account | None = None) -> dict[str, str]:
        """Return the headers by which the portal presents the person with one request."""
        token = self.token(snils, account)
        address = f"http://{self._topology.region.listen}{path}"
        return {"X-Citizen-Token": token, "DPoP": proof(self._portal, method, address, token)}
