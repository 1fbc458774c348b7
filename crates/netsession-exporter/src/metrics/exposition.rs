use std::fmt;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Metric families in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exposition(Vec<Family>);

#[derive(Debug, Clone)]
struct Family {
    name: &'static str,
    help: &'static str,
    is_counter: bool,
    samples: Vec<(Vec<(&'static str, String)>, Value)>,
}

impl Exposition {
    /// A gauge without labels.
    pub(crate) fn gauge(&mut self, name: &'static str, help: &'static str, value: impl Into<Value>) {
        self.gauges(name, help, [(Vec::new(), value.into())]);
    }

    /// One that is left out where there is no value.
    pub(crate) fn gauge_if(
        &mut self,
        name: &'static str,
        help: &'static str,
        value: Option<impl Into<Value>>,
    ) {
        if let Some(value) = value {
            self.gauge(name, help, value);
        }
    }

    /// A gauge with labels; without a sample it is left out.
    pub(crate) fn gauges(
        &mut self,
        name: &'static str,
        help: &'static str,
        samples: impl IntoIterator<Item = (Vec<(&'static str, String)>, Value)>,
    ) {
        self.family(name, help, false, samples);
    }

    /// A counter; its name is without `_total`, which the formats add.
    pub(crate) fn counters(
        &mut self,
        name: &'static str,
        help: &'static str,
        samples: impl IntoIterator<Item = (Vec<(&'static str, String)>, Value)>,
    ) {
        self.family(name, help, true, samples);
    }

    fn family(
        &mut self,
        name: &'static str,
        help: &'static str,
        is_counter: bool,
        samples: impl IntoIterator<Item = (Vec<(&'static str, String)>, Value)>,
    ) {
        let samples: Vec<_> = samples.into_iter().collect();
        if !samples.is_empty() {
            self.0.push(Family { name, help, is_counter, samples });
        }
    }
}

/// A number, as Prometheus has them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
    /// Written without a point.
    Whole(u64),
    Real(f64),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Whole(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

/// In seconds.
impl From<Duration> for Value {
    fn from(value: Duration) -> Self {
        if value.subsec_nanos() == 0 { Self::Whole(value.as_secs()) } else { Self::Real(value.as_secs_f64()) }
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Whole(value.into())
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Whole(u64::try_from(value).unwrap_or(u64::MAX))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}

impl Value {
    fn encode(self, is_counter: bool, encoder: MetricEncoder<'_>) -> fmt::Result {
        match (self, is_counter) {
            (Self::Whole(value), true) => ConstCounter::new(value).encode(encoder),
            (Self::Real(value), true) => ConstCounter::new(value).encode(encoder),
            (Self::Whole(value), false) => {
                ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)).encode(encoder)
            }
            (Self::Real(value), false) => ConstGauge::new(value).encode(encoder),
        }
    }
}

impl Collector for Exposition {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Family { name, help, is_counter, samples } in &self.0 {
            let kind = if *is_counter { MetricType::Counter } else { MetricType::Gauge };
            let mut family = encoder.encode_descriptor(name, help, None, kind)?;
            for (labels, value) in samples {
                if labels.is_empty() {
                    // Else there were empty braces.
                    value.encode(*is_counter, family)?;
                    break;
                }
                value.encode(*is_counter, family.encode_family(labels)?)?;
            }
        }
        Ok(())
    }
}
