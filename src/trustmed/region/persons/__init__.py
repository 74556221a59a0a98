"""Persons of the index: the golden record, finding a person, and reading one for whoever may."""
