"""The audit trail: who read or changed a patient's data, when and on what ground, and what was refused."""
