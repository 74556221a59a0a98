"""The steward of the patient index: persons, doubts, and decisions that the matcher never overrules."""
