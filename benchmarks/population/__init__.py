"""A Russian population with known truth: people, and what clerks make of them."""
