"""The protocol's page form, out of field names and back."""

from typing import Final

from trustmed.clinic.desk import read
from trustmed.clinic.documents.model import ProtocolForm

DIAGNOSES: Final = 3
VITAL_SIGNS: Final = ("3", "2", "4", "1", "6", "50")
"""Codes of 99.2.262 in the order of the page: both pressures, pulse, temperature, saturation, mass."""

PAYMENTS: Final = ("1", "8", "9")
"""Codes of 1039 the page can serve: the others rest on a contract, which the page does not ask for."""

PLAIN: Final = tuple(
    name for name in ProtocolForm.__struct_fields__ if name not in ("policy_from", "diagnoses", "vital_signs")
)


def protocol_of(given: dict[str, str]) -> ProtocolForm:
    """The form as a doctor left it; empty rows of diagnoses and vital signs are dropped. Raises FormWrong."""
    values: dict[str, object] = {name: given[name].replace("\r\n", "\n").strip() for name in PLAIN if name in given}
    values["policy_from"] = given.get("policy_from", "").strip() or None
    values["diagnoses"] = [
        _diagnosis(given, row)
        for row in range(DIAGNOSES)
        if any(given.get(f"diagnosis{row}_{part}", "").strip() for part in ("icd", "text"))
    ]
    values["vital_signs"] = [
        {"kind": code, "value": given[f"vital_{code}"].strip().replace(",", ".")}
        for code in VITAL_SIGNS
        if given.get(f"vital_{code}", "").strip()
    ]
    return read(values, ProtocolForm)


def decimal(value: str, language: str) -> str:
    """A number as people of that language write it."""
    return value.replace(".", ",") if language == "ru" else value


def _diagnosis(given: dict[str, str], row: int) -> dict[str, str]:
    parts = {part: given.get(f"diagnosis{row}_{part}", "").strip() for part in ("icd", "text", "kind", "character")}
    return {**parts, "icd": parts["icd"].upper()}
