"""Patients of this organisation: find, register, correct."""
