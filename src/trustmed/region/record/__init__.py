"""The integrated record of a person: opened on a ground, gathered as a timeline, with its documents."""
