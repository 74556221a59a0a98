"""The check of the demo: its main scenario, walked by HTTP."""
