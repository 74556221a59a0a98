"""Patients' consents to this organisation reading their integrated record: recorded and revoked on the card."""
