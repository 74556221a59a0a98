"""Who is who: whether two records are of one person. Pure rules and weights; storage is the index's."""
