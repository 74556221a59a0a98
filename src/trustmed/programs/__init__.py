"""What each process is made of: the only place that lists effects, routes, menus and commands that start them."""
