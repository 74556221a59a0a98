"""Keys and certificates in files, for the demo, tests and test stands. People sign with tools of their own."""
