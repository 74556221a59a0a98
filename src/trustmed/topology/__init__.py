"""The region as a file: what is wanted, what catalogues say, the steps between, and the state of links."""
