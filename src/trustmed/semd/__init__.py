"""Structured electronic medical documents (СЭМД): built, checked by the ministry's rules, read and shown."""
