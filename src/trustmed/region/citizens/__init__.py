"""Who the citizen is: the token a portal presents, the proof that it is that portal's, and the person they open."""
