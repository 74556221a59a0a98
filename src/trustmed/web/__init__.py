"""Code that the pages and interfaces of a site and of the region share: sessions, languages, errors, layout.

How long a sign-in lasts is `LIFETIME` in `sessions`; a citizen's page lasts as long as `region/disclosures/views` says.
"""
