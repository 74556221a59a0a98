"""Servers and processes of one machine: what a laptop, the demo and the tests run on.

The only room that may exist for them; a real deployment has its own servers and names them in the same topology file.
"""
