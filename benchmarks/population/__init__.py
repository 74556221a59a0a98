"""A Russian population with known truth: people, and their cards as clerks enter them."""
