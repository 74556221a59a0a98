"""Write, preview, sign and read documents."""
