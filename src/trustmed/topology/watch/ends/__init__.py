"""Compare the two ends of a link: their shape, and the rows that went through it lately."""
