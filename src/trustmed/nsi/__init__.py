"""Look up reference data (НСИ): the same code serves a site, in its replica, and the region.

A rule of the search: `readings` says what a line may mean, `search` in which steps rows are found, query `best` of
`queries.sql` with `model.REASONS` in which order they come, component `search` of the schema what is indexed.
"""
