"""The write-ahead log as programs read it: pgoutput messages, streams of slots, values."""
