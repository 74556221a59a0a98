"""TrustMed: an open medical information system for a whole region."""
