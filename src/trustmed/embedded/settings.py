"""postgresql.conf of an embedded server."""

from collections.abc import Mapping
from typing import Literal

Memory = Literal["small", "medium"]
Settings = Mapping[str, str | int]

# What replication needs (wal_*, max_*), and timeouts that find a silent link in seconds rather than a minute.
_REPLICATION: Settings = {
    "wal_level": "logical",
    "max_wal_senders": 20,
    "max_replication_slots": 20,
    "max_active_replication_origins": 40,
    "max_logical_replication_workers": 24,
    "max_sync_workers_per_subscription": 1,
    "max_parallel_apply_workers_per_subscription": 1,
    "max_worker_processes": 40,
    "wal_receiver_timeout": "10s",
    "wal_sender_timeout": "15s",
    "wal_retrieve_retry_interval": "1s",
    "max_slot_wal_keep_size": "1GB",
    "idle_replication_slot_timeout": 0,
    "track_commit_timestamp": "on",
    # The change feed reads flushed WAL only, and what a link applied is flushed by the WAL writer alone.
    "wal_writer_delay": "10ms",
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 3,
    "tcp_keepalives_count": 3,
}

# Nothing acknowledged may be lost: never turn these off.
_DURABILITY: Settings = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}

# Ten servers share one laptop, so none starts a process or takes memory that it does not need.
_FRUGAL: Settings = {
    "io_method": "sync",
    "jit": "off",
    "autovacuum_max_workers": 2,
    "autovacuum_worker_slots": 4,
    "max_parallel_workers": 2,
    "max_parallel_workers_per_gather": 1,
    "max_parallel_maintenance_workers": 1,
    "max_wal_size": "256MB",
    "min_wal_size": "64MB",
    "max_locks_per_transaction": 256,
}

_MEMORY: Mapping[Memory, Settings] = {
    "small": {"max_connections": 60, "shared_buffers": "48MB", "work_mem": "4MB", "maintenance_work_mem": "32MB"},
    "medium": {"max_connections": 120, "shared_buffers": "256MB", "work_mem": "8MB", "maintenance_work_mem": "128MB"},
}

# JSON, because the region's page reads causes of failures from it. Each hour has a file, overwritten a day later.
_LOG: Settings = {
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_filename": "postgresql-%H.log",
    "log_rotation_age": "1h",
    "log_rotation_size": 0,
    "log_truncate_on_rotation": "on",
    "log_checkpoints": "off",
    # A statement may hold a password or a card, and so may a parameter.
    "log_min_error_statement": "panic",
    "log_parameter_max_length": 0,
    "log_parameter_max_length_on_error": 0,
    "log_timezone": "UTC",
    "lc_messages": "C",
}


def settings(
    name: str, port: int, log_folder: str, memory: Memory = "small", more: Settings | None = None
) -> dict[str, str | int]:
    """Return all settings of the server `name`; `more` overrides the others."""
    own: Settings = {
        "cluster_name": name,
        "listen_addresses": "127.0.0.1",
        "port": port,
        # The data folder itself: it is private, and as a relative path it is short enough for a socket.
        "unix_socket_directories": ".",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_directory": log_folder,
    }
    return {**_REPLICATION, **_DURABILITY, **_FRUGAL, **_MEMORY[memory], **_LOG, **own, **(more or {})}


def rendered(values: Settings) -> str:
    """Return the text of postgresql.conf: all values quoted, in the order of their names."""
    return "".join(f"{name} = '{_escaped(str(value))}'\n" for name, value in sorted(values.items()))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")


ACCESS = """\
local all         all              scram-sha-256
host  all         all 127.0.0.1/32 scram-sha-256
local replication all              scram-sha-256
host  replication all 127.0.0.1/32 scram-sha-256
"""
