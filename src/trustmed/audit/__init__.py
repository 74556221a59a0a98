"""The audit trail: who read or changed what of a patient, when, on what ground, and what was refused."""
