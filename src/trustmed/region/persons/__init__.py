"""Persons of the index: the golden record, finding a person, reading one."""
