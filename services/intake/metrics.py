"""Intake's own figures."""

from prometheus_client import Counter, Gauge

ACCEPTED = Counter("baoshi_intake_accepted_total", "Requests answered with 2xx", ["what", "lane", "durable"])
REFUSED = Counter("baoshi_intake_refused_total", "Requests refused", ["reason"])
SPOOL_RECORDS = Gauge("baoshi_intake_spool_records", "Records that wait in the spool", ["lane"])
DRAINED = Counter("baoshi_intake_drained_total", "Records sent from the spool", ["lane"])
GLASS = Counter("baoshi_intake_break_glass_total", "Calls to notify while Kafka is away", ["outcome"])
UNCHECKED = Counter("baoshi_intake_unchecked_keys_total", "Idempotency keys taken without MongoDB")
