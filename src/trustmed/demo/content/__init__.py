"""What fills a laptop region: people, accounts, schedules, dictionaries, keys."""
