"""The clinical system of a site: accounts, patients, visits, documents. Everything here works without the region."""
