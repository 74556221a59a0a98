"""The topology file: `region.toml` read into values, every problem named with its line."""
