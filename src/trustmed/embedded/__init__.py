"""Servers and processes of one machine, for a laptop, the demo and the tests.

A real deployment runs servers of its own and names them in the same topology file; it needs nothing of this room.
"""
