"""Bring what people wrote into one form: letters, names, patronymics, phones, addresses, documents, placeholders."""
