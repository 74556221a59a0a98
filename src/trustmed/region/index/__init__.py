"""The region's patient index: which person each clinic's patient is."""
