"""The citizens' portal's interface: a person's documents, their exact bytes and signatures, from the region alone."""
