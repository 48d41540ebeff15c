//! Counts for Prometheus: by route template and status, never by id, name or content.

use crate::routes::ROUTES;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Statuses that are counted by themselves; any other counts as the last.
const STATUSES: [u16; 25] = [
    200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 428,
    429, 431, 500, 501, 503, 0,
];
/// Upper ends of the histogram's buckets, in microseconds.
const BUCKETS: [u64; 14] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
    5_000_000, 30_000_000,
];

/// What the server counts.
pub(crate) struct Metrics {
    rows: Vec<Row>,
    /// Open connections.
    pub(crate) connections: AtomicI64,
    /// Requests in hand.
    pub(crate) in_hand: AtomicI64,
    /// Connections that were let go because nothing moved.
    pub(crate) stalled: AtomicU64,
    /// Handshakes that failed.
    pub(crate) handshakes_failed: AtomicU64,
    /// Handlers that panicked.
    pub(crate) panics: AtomicU64,
    /// Things stored that were not what was written.
    pub(crate) tampered: AtomicU64,
}

#[derive(Default)]
struct Row {
    statuses: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

/// What is counted elsewhere and only told here.
pub(crate) struct Gauges {
    pub(crate) open_files: usize,
    pub(crate) sessions: usize,
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        Metrics {
            // The last row counts what found no route.
            rows: (0..=ROUTES.len()).map(|_| Row::default()).collect(),
            connections: AtomicI64::new(0),
            in_hand: AtomicI64::new(0),
            stalled: AtomicU64::new(0),
            handshakes_failed: AtomicU64::new(0),
            panics: AtomicU64::new(0),
            tampered: AtomicU64::new(0),
        }
    }

    /// Counts one answer; `route` is the number of its row, if it found one.
    pub(crate) fn answered(&self, route: Option<usize>, status: u16, took: Duration) {
        let Some(row) = self.rows.get(route.unwrap_or(ROUTES.len())) else { return };
        let status = STATUSES.iter().position(|s| *s == status).unwrap_or(STATUSES.len() - 1);
        row.statuses[status].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        row.buckets[BUCKETS.partition_point(|b| *b < micros)].fetch_add(1, Ordering::Relaxed);
        row.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Everything in Prometheus' text format.
    pub(crate) fn to_text(&self, gauges: &Gauges) -> String {
        let mut out = String::with_capacity(16 << 10);
        let single = [
            ("open_files", "gauge", "Files open in sessions.", gauges.open_files as i64),
            ("sessions", "gauge", "Sessions known to the server.", gauges.sessions as i64),
            ("connections", "gauge", "Open connections.", load(&self.connections)),
            ("requests_in_hand", "gauge", "Requests being worked on.", load(&self.in_hand)),
            ("stalled_total", "counter", "Connections let go.", count(&self.stalled)),
            (
                "handshakes_failed_total",
                "counter",
                "TLS handshakes that failed.",
                count(&self.handshakes_failed),
            ),
            ("panics_total", "counter", "Requests that ended in a panic.", count(&self.panics)),
            (
                "tampered_total",
                "counter",
                "Alarms: stored bytes were altered.",
                count(&self.tampered),
            ),
        ];
        for (name, kind, help, value) in single {
            head(&mut out, name, kind, help);
            let _ = writeln!(out, "cofferdam_server_{name} {value}");
        }
        head(&mut out, "requests_total", "counter", "Answers by route and status.");
        for (labels, row) in self.labelled() {
            for (status, count) in STATUSES.iter().zip(&row.statuses) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let _ = writeln!(
                        out,
                        "cofferdam_server_requests_total{{{labels},status=\"{status}\"}} {count}"
                    );
                }
            }
        }
        self.write_durations(&mut out);
        out
    }

    fn write_durations(&self, out: &mut String) {
        const NAME: &str = "cofferdam_server_request_seconds";
        head(out, "request_seconds", "histogram", "Time to make an answer.");
        for (labels, row) in self.labelled() {
            let counts: Vec<u64> = row.buckets.iter().map(|b| b.load(Ordering::Relaxed)).collect();
            let total: u64 = counts.iter().sum();
            if total == 0 {
                continue;
            }
            let mut sum = 0;
            for (end, count) in BUCKETS.iter().zip(&counts) {
                sum += count;
                let end = *end as f64 / 1e6;
                let _ = writeln!(out, "{NAME}_bucket{{{labels},le=\"{end}\"}} {sum}");
            }
            let seconds = row.micros.load(Ordering::Relaxed) as f64 / 1e6;
            let _ = writeln!(out, "{NAME}_bucket{{{labels},le=\"+Inf\"}} {total}");
            let _ = writeln!(out, "{NAME}_sum{{{labels}}} {seconds}");
            let _ = writeln!(out, "{NAME}_count{{{labels}}} {total}");
        }
    }

    fn labelled(&self) -> impl Iterator<Item = (String, &Row)> {
        self.rows.iter().enumerate().map(|(number, row)| {
            let labels = match ROUTES.get(number) {
                Some(r) => format!("method=\"{}\",route=\"{}\"", r.method, r.template),
                None => "method=\"\",route=\"(none)\"".to_owned(),
            };
            (labels, row)
        })
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP cofferdam_server_{name} {help}");
    let _ = writeln!(out, "# TYPE cofferdam_server_{name} {kind}");
}

fn load(gauge: &AtomicI64) -> i64 {
    gauge.load(Ordering::Relaxed)
}

fn count(counter: &AtomicU64) -> i64 {
    i64::try_from(counter.load(Ordering::Relaxed)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_out_by_route_and_status() {
        let metrics = Metrics::new();
        metrics.answered(Some(0), 200, Duration::from_micros(300));
        metrics.answered(Some(0), 200, Duration::from_secs(3600));
        metrics.answered(None, 404, Duration::ZERO);
        metrics.answered(None, 999, Duration::ZERO);
        let text = metrics.to_text(&Gauges { open_files: 3, sessions: 2 });
        let route = "method=\"GET\",route=\"/fhir/metadata\"";
        for line in [
            format!("cofferdam_server_requests_total{{{route},status=\"200\"}} 2"),
            format!("cofferdam_server_request_seconds_bucket{{{route},le=\"0.0005\"}} 1"),
            format!("cofferdam_server_request_seconds_bucket{{{route},le=\"+Inf\"}} 2"),
            "cofferdam_server_requests_total{method=\"\",route=\"(none)\",status=\"404\"} 1".into(),
            "cofferdam_server_requests_total{method=\"\",route=\"(none)\",status=\"0\"} 1".into(),
            "cofferdam_server_open_files 3".into(),
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }
}
