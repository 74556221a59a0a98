"""The demo's program for citizens: the provider at its issuer's path and the portal at /portal, on one port."""

from urllib.parse import urlsplit

from trustmed.demo.citizens.accounts import accounts
from trustmed.demo.citizens.keys import PORTAL, PROVIDER, ensure_key
from trustmed.demo.citizens.login import Login
from trustmed.demo.citizens.portal import Calls, Portal
from trustmed.demo.citizens.provider import Provider
from trustmed.demo.citizens.serving import Asked, Told, page, redirect, serve
from trustmed.topology.file.spec import Topology
from trustmed.topology.secrets import secret


def listen_address(topology: Topology) -> str:
    """Return host:port of the program."""
    return urlsplit(issuer_of(topology)).netloc


def issuer_of(topology: Topology) -> str:
    citizens = topology.region.citizens
    return citizens.issuer if citizens else ""


def redirect_uri(topology: Topology) -> str:
    """Return where the provider sends the browser back to."""
    return f"http://{listen_address(topology)}/portal/callback"


def portal_calls(topology: Topology, timeout: float = 10) -> Calls:
    """Return the region's interface as the demo's portal calls it."""
    token, key = secret(topology, "portal", "token"), ensure_key(topology, PORTAL)
    return Calls(f"http://{topology.region.listen}", token, key, timeout)


def run(topology: Topology) -> None:
    """Serve both until the process ends."""
    issuer, back = issuer_of(topology), redirect_uri(topology)
    provider = Provider(issuer, ensure_key(topology, PROVIDER), accounts(topology), (back,))
    portals: list[Portal] = []

    def answer(asked: Asked) -> Told:
        if asked.path == "/health":
            return page("ok", "ok")
        if asked.path.startswith(urlsplit(issuer).path):
            return provider.answer(asked)
        if not asked.path.startswith("/portal"):
            return redirect("/portal")
        if not portals:  # the provider, on this very port, answers only once the program serves
            portals.append(Portal(portal_calls(topology), Login(issuer, back)))
        return portals[0].answer(asked)

    serve(listen_address(topology), answer)
