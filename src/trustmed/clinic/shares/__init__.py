"""The region's share of slots: handing them over, asking for them back, taking them off the schedule."""
