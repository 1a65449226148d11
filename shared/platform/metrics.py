"""Prometheus metrics of all services; HTTP serves them at `/metrics`."""

from prometheus_client import Counter, Gauge, Histogram

RECORDS = Counter("baoshi_records_total", "Records taken from Kafka", ["service", "lane", "family"])
SKIPPED = Counter("baoshi_skipped_total", "Events of unknown types, skipped", ["service", "type"])
PARKED = Counter("baoshi_parked_total", "Records parked", ["service", "reason"])
FACTS = Counter("baoshi_facts_total", "Facts published", ["service", "lane", "type"])
AGAIN = Counter(
    "baoshi_facts_again_total", "Facts published again for a record that came again", ["service", "lane"]
)
CONFLICTS = Counter("baoshi_conflicts_total", "Version conflicts, decided again", ["service", "lane"])
RETRIES = Counter("baoshi_retries_total", "Retries while Kafka or MongoDB was away", ["service", "where"])
BATCH_SECONDS = Histogram(
    "baoshi_batch_seconds", "A batch from taking to commit", ["service", "lane"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
DEADLINES = Counter("baoshi_deadlines_total", "Deadlines published", ["service", "lane"])
LATENESS = Histogram(
    "baoshi_deadline_lateness_seconds", "From due to published, real time", ["service", "lane"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30),
)  # fmt: skip
LAST_BATCH = Gauge(
    "baoshi_last_batch_timestamp", "When the last batch was committed, epoch seconds", ["service", "lane"]
)
PAGES = Counter("baoshi_pages_total", "Pages by what became of them", ["lane", "kind", "outcome"])
PAGES_WAITING = Gauge("baoshi_pages_waiting", "Pages that wait to be sent", ["lane", "urgency"])
AIR_SECONDS = Counter("baoshi_air_seconds_total", "Air time taken on shared channels", ["urgency"])
ANSWERS = Counter("baoshi_answers_total", "Answers of devices by what became of them", ["outcome"])
