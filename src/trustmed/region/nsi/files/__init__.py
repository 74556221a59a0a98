"""Read files of dictionaries, as publishers give them, into passports and tables."""
