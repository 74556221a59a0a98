"""Judge the state of a link by what was found at both its ends. Pure.

The questions are in order of certainty: a server does not answer, a part is missing, the ends contradict each other,
the link has stopped, changes were lost. Only a link that passes them all and carries a fresh heartbeat is streaming.
"""

from datetime import datetime

from trustmed.topology.links import Link
from trustmed.topology.watch.causes import CAUSES, cause_of_words
from trustmed.topology.watch.facts import READY, LinkFacts, SubscriptionFacts
from trustmed.topology.watch.status import LinkState

FRESH_SECONDS = 15.0  # an error in the log that is older is over
WAITING_SECONDS = 8.0  # longer than a server's restart takes

Finding = tuple[str, str]
"""A cause's code and the details."""


def judge(link: Link, facts: LinkFacts, now: datetime) -> LinkState:
    """Return the state of the link, with its cause unless it streams."""
    found = (
        _find_unreachable(facts)
        or _find_missing(facts, link)
        or _find_contradiction(facts)
        or _find_stop(facts, link)
        or _find_loss(facts)
        or _find_delay(facts)
    )
    lag_bytes, lag_rows = _lag_bytes(link, facts), _lag_rows(facts)
    if found is None:
        return _state(link, now, None, "", facts.lag_ms, lag_bytes, 0)
    code, details = found
    return _state(link, now, code, details, _lag_ms(facts, now), lag_bytes, lag_rows)


def _find_unreachable(facts: LinkFacts) -> Finding | None:
    for side, code in ((facts.source, "source_unreachable"), (facts.target, "target_unreachable")):
        if side.trouble is not None:
            return ("monitor_refused" if side.refused else code), side.trouble
    return None


def _find_missing(facts: LinkFacts, link: Link) -> Finding | None:
    subscription = facts.target.subscriptions.get(link.name)
    if restored := _find_restored(facts, subscription):
        return restored
    if subscription is None:
        return "subscription_missing", ""
    if not subscription.finished and facts.trouble is None:
        return ("repair_unfinished" if subscription.interrupted else "subscription_by_hand"), subscription.slot or ""
    slot = facts.source.slots.get(subscription.slot or "")
    if slot is None:
        return "slot_missing", subscription.slot or ""
    if slot.wal_status == "lost" or slot.invalidation_reason:
        return "slot_lost", slot.invalidation_reason or ""
    if not slot.failover:
        return "slot_by_hand", subscription.slot or ""
    if facts.trouble is not None:
        return "probe_failed", facts.trouble
    return None if facts.publication else ("publication_missing", "")


def _find_restored(facts: LinkFacts, subscription: SubscriptionFacts | None) -> Finding | None:
    """Look for what the target knows and its source does not: heartbeats, or a position the source has not reached."""
    known = {beat.token for beat in facts.source_beats}
    oldest = min((beat.seq for beat in facts.source_beats), default=0)
    strange = [beat.seq for beat in facts.target_beats if beat.seq >= oldest and beat.token not in known]
    if strange and facts.trouble is None:
        return "source_restored", f"heartbeat {min(strange)}..{max(strange)}"
    if subscription and subscription.applied and subscription.applied > facts.source.position:
        return "source_restored", f"{subscription.applied} > {facts.source.position}"
    return None


def _find_contradiction(facts: LinkFacts) -> Finding | None:
    if facts.newer:
        return "schema_site_newer", ", ".join(facts.newer)
    if facts.drift:
        return "schema_drift", ", ".join(facts.drift)
    if facts.altered:
        return "publication_altered", ", ".join(facts.altered)
    return ("tables_missing", ", ".join(facts.missing_tables)) if facts.missing_tables else None


def _find_stop(facts: LinkFacts, link: Link) -> Finding | None:
    subscription = _own_subscription(facts)
    if subscription is None:
        return None
    if subscription.publications != (link.name,):
        return "subscription_by_hand", ", ".join(subscription.publications)
    if not subscription.enabled:
        ends = [line.kind for line in subscription.log if line.kind.startswith("disabled")]
        by_hand = ends[-1] == "disabled by hand" if ends else not subscription.errors
        if by_hand:
            return "disabled_by_hand", ""
        # Drift that is still there has been found before: here it is over.
        code, words = _cause_in_log([line.words for line in subscription.log if line.kind == "error"])
        return ("stopped_by_drift" if code == "schema_drift" else code), words
    if facts.lag_ms is not None:
        return None
    place = (link.host, str(link.port), link.source.name)
    if subscription.place not in (None, place):
        return "pointed_elsewhere", ":".join(part or "?" for part in subscription.place or ())
    # A worker that fails is started again within seconds, so it has got over an older error.
    recent = [line.words for line in subscription.log if line.kind == "error" and line.age < FRESH_SECONDS]
    return _cause_in_log(recent) if recent else _find_unconnected(facts, subscription)


def _find_unconnected(facts: LinkFacts, subscription: SubscriptionFacts) -> Finding | None:
    """Find a slot that nobody reads while heartbeats wait longer than a restart takes. Times are the source's own."""
    slot = facts.source.slots.get(subscription.slot or "")
    got = {beat.token for beat in facts.target_beats}
    waiting = [beat.at for beat in facts.source_beats if beat.token not in got]
    if slot is None or slot.active or not waiting or max(waiting) - min(waiting) < WAITING_SECONDS:
        return None
    return "not_connected", facts.target.log_trouble or ""


def _cause_in_log(words: list[str]) -> Finding:
    """Return the newest cause that the words name; words about the end of a parallel worker name none."""
    named = [(code, text) for text in words if (code := cause_of_words(text)) != "error"]
    return named[-1] if named else ("error", words[-1] if words else "")


def _find_loss(facts: LinkFacts) -> Finding | None:
    subscription = _own_subscription(facts)
    if subscription is None:
        return None
    if facts.loss:
        return facts.loss
    if facts.beat_skipped:
        return "hole", "heartbeat confirmed, not applied"
    skipped = [line.words for line in subscription.log if line.kind == "skipped"]
    if skipped:
        return "hole", skipped[-1]
    if subscription.missing:
        return "hole", f"update/delete of absent rows: {subscription.missing}"
    latest = max((beat.seq for beat in facts.target_beats), default=0)
    got = {beat.token for beat in facts.target_beats}
    gaps = [beat.seq for beat in facts.source_beats if beat.seq < latest and beat.token not in got]
    if gaps:
        return "hole", f"heartbeat {min(gaps)}..{max(gaps)}"
    seen = max((beat.target_position or 0 for beat in facts.source_beats), default=0)
    slot = facts.source.slots.get(subscription.slot or "")
    if subscription.applied and slot and slot.confirmed and subscription.applied < min(seen, slot.confirmed):
        return "hole", f"position went back from {seen} to {subscription.applied}"
    words = [f"{item.table}: {item.source_rows} / {item.target_rows}" for item in facts.different]
    return ("hole", ", ".join(words)) if words else None


def _find_delay(facts: LinkFacts) -> Finding | None:
    waiting = sorted(table for table, state in facts.table_states.items() if state != READY)
    if waiting:
        return "copying", ", ".join(waiting)
    if facts.lag_ms is None:
        subscription = _own_subscription(facts)
        slot = facts.source.slots.get(subscription.slot or "") if subscription else None
        return ("wal_running_out" if slot and slot.wal_status == "unreserved" else "catching_up"), ""
    return None


def _own_subscription(facts: LinkFacts) -> SubscriptionFacts | None:
    """Return the link's own subscription: the probe leaves no other in the facts of its target."""
    return next(iter(facts.target.subscriptions.values()), None)


def _lag_bytes(link: Link, facts: LinkFacts) -> int | None:
    subscription = facts.target.subscriptions.get(link.name)
    slot = facts.source.slots.get(subscription.slot or "") if subscription else None
    return max(0, facts.source.position - slot.confirmed) if slot and slot.confirmed is not None else None


def _lag_rows(facts: LinkFacts) -> int | None:
    if not facts.source_beats:
        return None
    got = facts.target_beats[-1].changes if facts.target_beats else 0
    return max(0, facts.source_beats[-1].changes - got)


def _lag_ms(facts: LinkFacts, now: datetime) -> float | None:
    if facts.lag_ms is not None:
        return facts.lag_ms
    if not facts.target_beats:
        return None
    newest = facts.source_beats[-1].at if facts.source_beats else now.timestamp()
    return max(0.0, (newest - facts.target_beats[-1].at) * 1000)


def _state(
    link: Link, now: datetime, code: str | None, details: str, lag_ms: float | None, lag_bytes: int | None,
    lag_rows: int | None,
) -> LinkState:  # fmt: skip
    cause = CAUSES[code] if code else None
    names = {"link": link.name, "source": link.source.label, "target": link.target.label}

    def text(pick: str) -> str | None:
        return getattr(cause, pick).format(**names) if cause else None

    def error(pick: str) -> str | None:
        words = text(pick)
        return f"{words}: {details}" if words and details else words

    return LinkState(
        link=link.name,
        source=link.source.label,
        target=link.target.label,
        site=link.site,
        state=cause.state if cause else "streaming",
        checked_at=now,
        lag_ms=lag_ms,
        lag_bytes=lag_bytes,
        lag_rows=lag_rows,
        cause=code,
        error_ru=error("ru"),
        error_en=error("en"),
        action_ru=text("action_ru"),
        action_en=text("action_en"),
    )
