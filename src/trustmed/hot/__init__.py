"""Hot copies in Redis of what citizens and doctors ask for most. Disposable: without them everything is just slower."""
