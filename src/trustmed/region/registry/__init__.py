"""The registry of electronic medical documents as the region reads it."""
