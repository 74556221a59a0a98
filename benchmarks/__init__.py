"""Benchmarks: they report, tests never assert a time. `make bench-NAME` runs `benchmarks/NAME.py`."""
