"""Watching links: probes, the verdict of each link, causes in words.

What must be told of every round of states, a letter say, is given to `monitor.watch` as `on_states`.
"""
