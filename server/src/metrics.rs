//! What is counted for those who watch the server. No key, app or person is in any name or label.

use crate::store::rung;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::time::Duration;

/// Names and values.
type Labels<const N: usize> = [(&'static str, String); N];

/// Seconds: from what a look into memory takes to what a client does not wait for.
const SECONDS: [f64; 11] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0];

/// The figures of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels<2>, Counter>,
    seconds: Family<Labels<1>, Histogram, fn() -> Histogram>,
    problems: Family<Labels<1>, Counter>,
    signals: Family<Labels<1>, Counter>,
    body_bytes: Counter,
    in_flight: Gauge,
    waiting: Gauge,
    connections: Gauge,
    alarms: Family<Labels<1>, Gauge>,
    disk_free: Gauge,
    ready: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("flywheel"),
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            problems: Family::default(),
            signals: Family::default(),
            body_bytes: Counter::default(),
            in_flight: Gauge::default(),
            waiting: Gauge::default(),
            connections: Gauge::default(),
            alarms: Family::default(),
            disk_free: Gauge::default(),
            ready: Gauge::default(),
        };
        let m = &mut metrics;
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        m.registry.register("build", "The version of the software", build);
        m.registry.register("requests", "Requests that were answered, by route and status", m.requests.clone());
        m.registry.register("request_seconds", "Time from the head of a request to its answer", m.seconds.clone());
        m.registry.register("problems", "Requests that failed as a whole, by code", m.problems.clone());
        m.registry.register("signals", "Signals that came, by what became of them", m.signals.clone());
        m.registry.register("body_bytes", "Bytes of bodies, as they were sent", m.body_bytes.clone());
        m.registry.register("requests_in_flight", "Requests that are being answered", m.in_flight.clone());
        m.registry.register("queue_waiting", "Requests that wait for the writer, or are with it", m.waiting.clone());
        m.registry.register("connections", "Connections that are open", m.connections.clone());
        m.registry.register("alarms", "Alarms since the start, by kind", m.alarms.clone());
        m.registry.register("disk_free_bytes", "Free bytes on the disk of the data folder", m.disk_free.clone());
        m.registry.register("ready", "1 when signals can be taken", m.ready.clone());
        metrics
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, route: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&[("route", route.to_owned()), ("status", status.to_string())]).inc();
        self.seconds.get_or_create(&[("route", route.to_owned())]).observe(took.as_secs_f64());
    }

    /// Counts a request that failed.
    pub(crate) fn failed(&self, code: &str) {
        self.problems.get_or_create(&[("code", code.to_owned())]).inc();
    }

    /// Counts signals; `outcome` is the verdict on each.
    pub(crate) fn judged(&self, outcome: &'static str, count: u64) {
        self.signals.get_or_create(&[("outcome", outcome.to_owned())]).inc_by(count);
    }

    /// Counts a body.
    pub(crate) fn received(&self, bytes: usize) {
        self.body_bytes.inc_by(bytes as u64);
    }

    /// A request that is being answered, until it is dropped.
    pub(crate) fn request(&self) -> Counted {
        Counted::new(&self.in_flight)
    }

    /// A task that waits for the writer, until it is dropped.
    pub(crate) fn task(&self) -> Counted {
        Counted::new(&self.waiting)
    }

    /// A connection, until it is dropped.
    pub(crate) fn connection(&self) -> Counted {
        Counted::new(&self.connections)
    }

    /// All figures in the text format of OpenMetrics 1.0.
    pub(crate) fn text(&self, disk_free: u64, is_ready: bool) -> String {
        for (kind, times) in rung() {
            self.alarms.get_or_create(&[("kind", kind.to_owned())]).set(times.cast_signed());
        }
        self.disk_free.set(disk_free.cast_signed().max(0));
        self.ready.set(i64::from(is_ready));
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// One of those that a gauge counts.
#[derive(Debug)]
pub(crate) struct Counted(Gauge);

impl Counted {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // However it ends: an answer, a client that has gone, a panic.
        self.0.dec();
    }
}
