"""A provider of citizens' tokens and a citizens' portal for the demo: neither knows code of the region's."""
