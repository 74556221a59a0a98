"""Structured electronic medical documents (СЭМД): building, checking by the ministry's rules, reading, showing."""
