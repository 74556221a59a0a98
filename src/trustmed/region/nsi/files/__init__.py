"""Files of dictionaries as publishers give them, read into passports and tables."""
