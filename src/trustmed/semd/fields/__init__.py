"""Fields of documents' forms: how a field is read from a page, what it lacks, and what it becomes in the document."""
