"""Hot copies in Redis of what citizens and doctors ask for most. Disposable: everything works without them, only
slower.
"""
