"""What the change feed does about booking: carry out what sites ask for, find conflicts, drop hot copies."""
