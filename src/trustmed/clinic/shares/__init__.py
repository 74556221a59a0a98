"""The region's share of slots: hand slots over, ask for them back, withdraw them from the schedule."""
