"""A whole region on one machine: start real servers, fill them with generated people, walk the scenario.

No deployment uses this room, and no other room imports it.
"""
