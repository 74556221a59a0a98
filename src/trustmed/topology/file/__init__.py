"""The topology file: from `region.toml` to values, with every problem named by line."""
