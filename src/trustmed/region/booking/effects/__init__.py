"""What the change feed does about booking: words of sites carried out, conflicts found, hot copies dropped."""
