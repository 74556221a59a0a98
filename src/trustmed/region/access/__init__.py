"""Reading a person's rows: on a ground, with a trace, or not at all."""
