"""Tireless signers: doctors at several sites who sign, and repeat a signing until it is acknowledged."""

import contextlib
import threading
import time
from itertools import cycle

import httpx2
import msgspec

from trustmed.demo.calls import CallFailed, Clinic, Signed
from trustmed.demo.content.seed import PASSWORD, login
from trustmed.demo.laptop import Laptop


class Tally(msgspec.Struct):
    """The answers to the signers: acknowledged documents, refusals, and ids whose fate is unknown, by organisation."""

    acknowledged: dict[str, tuple[int, str]] = {}
    unknown: dict[str, int] = {}
    refusals: list[str] = []


class Crowd:
    """One signer for each organisation of the region, each in a thread of its own."""

    def __init__(self, laptop: Laptop) -> None:
        self.tally = Tally()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(site.listen, number, organization.id), daemon=True)
            for site in laptop.topology.site
            for number, organization in enumerate(site.organization)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a signer hangs"

    def _work(self, address: str, number: int, organization_id: int) -> None:
        clinic = Clinic(address, login("doctor", number), PASSWORD, timeout=20)
        patients = self._repeat_until_answered(lambda: self._sign_in_and_list_patients(clinic))
        for patient in cycle(patients or ()):
            if self._stop.is_set():
                break
            with contextlib.suppress(httpx2.TransportError, CallFailed):
                draft = clinic.preview(clinic.visit(patient), f"Осмотр {time.time_ns()}.")
                self.tally.unknown[draft["id"]] = organization_id
                # Sent again until there is an answer: the same document must never become two.
                signed = self._repeat_until_answered(lambda: clinic.sign(draft["id"], draft["sha256"]))  # noqa: B023 used at once
                if signed:
                    self.tally.acknowledged[signed.id] = (organization_id, signed.sha256)
                    del self.tally.unknown[signed.id]
        clinic.close()

    def _repeat_until_answered(self, call):
        """Return the call's answer, repeating it while servers are down; None if it is refused or the crowd stops."""
        while not self._stop.is_set():
            try:
                return call()
            except httpx2.TransportError:
                time.sleep(0.05)
            except CallFailed as failure:
                if " 4" in str(failure)[:120] and " 429" not in str(failure):
                    self.tally.refusals.append(str(failure))
                    return None
                time.sleep(0.05)
        return None

    @staticmethod
    def _sign_in_and_list_patients(clinic: Clinic) -> list[str]:
        clinic.sign_in()
        return [patient["id"] for patient in clinic.patients()]


__all__ = ["Crowd", "Signed", "Tally"]
