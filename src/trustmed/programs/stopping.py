"""How a program without a web server is stopped."""

import signal
import threading


def stop_on_signals() -> threading.Event:
    """Return the event that SIGTERM or SIGINT sets. To be called in the main thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
