use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeMetric as _, GaugeValueEncoder,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;

/// Writes metric families one after the other. A family without a sample is left out.
pub(super) struct Families<'a>(DescriptorEncoder<'a>);

impl<'a> Families<'a> {
    pub(super) fn new(encoder: DescriptorEncoder<'a>) -> Self {
        Self(encoder)
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: impl EncodeGaugeValue) -> fmt::Result {
        self.0.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
    }

    /// A gauge that is left out where there is no value.
    pub(super) fn gauge_if(
        &mut self,
        name: &str,
        help: &str,
        value: Option<impl EncodeGaugeValue>,
    ) -> fmt::Result {
        value.map_or(Ok(()), |value| self.gauge(name, help, value))
    }

    /// Gauges that differ in the value of one label.
    pub(super) fn labelled_gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        samples: impl IntoIterator<Item = (impl AsRef<str>, impl EncodeGaugeValue)>,
    ) -> fmt::Result {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return Ok(());
        }
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        samples.try_for_each(|(value_of_label, value)| {
            family.encode_family(&[(label, value_of_label.as_ref())])?.encode_gauge(&value)
        })
    }

    /// A counter. The encoder appends `_total` to its name.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: impl EncodeCounterValue) -> fmt::Result {
        ConstCounter::new(value).encode(self.0.encode_descriptor(name, help, None, MetricType::Counter)?)
    }

    /// Counters that differ in the value of one label. The encoder appends `_total` to their name.
    pub(super) fn labelled_counters(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        samples: impl IntoIterator<Item = (impl AsRef<str>, u64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        samples.into_iter().try_for_each(|(value_of_label, value)| {
            ConstCounter::new(value).encode(family.encode_family(&[(label, value_of_label.as_ref())])?)
        })
    }
}

/// A duration in seconds. Whole seconds are written without a decimal point.
pub(super) struct Seconds(pub(super) Duration);

impl EncodeGaugeValue for Seconds {
    fn encode(&self, encoder: &mut GaugeValueEncoder<'_>) -> fmt::Result {
        match self.0.subsec_nanos() {
            0 => EncodeGaugeValue::encode(&self.0.as_secs(), encoder),
            _ => EncodeGaugeValue::encode(&self.0.as_secs_f64(), encoder),
        }
    }
}
