"""Fields of documents' forms: how each is read from a page, what it lacks, what it says in the document."""
