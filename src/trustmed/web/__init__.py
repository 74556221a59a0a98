"""Code that the pages and interfaces of a site and of the region share: sessions, languages, errors, layout.

How long a sign-in lasts is said in `identity`; `sessions` only keeps what it is given.
"""
