"""The feed's metrics for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

CHANGES = Counter("trustmed_feed_changes", "Changes whose effect is durable", ("source", "consumer"))
FAILURES = Counter("trustmed_feed_failures", "Interruptions of a source's feed and effects held up", ("source",))
PARKED = Gauge("trustmed_feed_parked_keys", "Rows with a change set aside", ("source", "consumer"))
LAG_BYTES = Gauge("trustmed_feed_lag_bytes", "Bytes of history written but not yet read", ("source",))
LAG_SECONDS = Histogram(
    "trustmed_feed_lag_seconds",
    "From commit to durable effect, newest change of a batch",
    ("source", "consumer"),
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30, 300),
)
EFFECT_SECONDS = Histogram(
    "trustmed_feed_effect_seconds",
    "Time of one call of an effect",
    ("source", "consumer"),
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30),
)
