"""The patient: what is true of one wherever they are registered."""
