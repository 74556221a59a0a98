"""Patients as this organisation knows them: finding, registering, correcting."""
