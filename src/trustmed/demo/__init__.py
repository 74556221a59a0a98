"""A whole region on one machine: starts real servers, fills them with generated people, walks the scenario.

Nothing here is used by a deployment, and nothing outside knows of it.
"""
