//! Where the server says what it does: standard error, and with the feature `otel` a collector.

use flywheel_core::error::Result;
use std::io::IsTerminal;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt, registry};

/// Begins the log. What is logged is set by `FLYWHEEL_LOG`. What is returned is to be kept until the end.
///
/// # Errors
/// [`flywheel_core::error::Code::Unavailable`] if a collector is named that cannot be sent to.
pub fn begin_log(as_json: bool) -> Result<Log> {
    let filter = EnvFilter::try_from_env("FLYWHEEL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // Colours are for a terminal; in a file or a journal they are rubbish.
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = if as_json { lines.json().boxed() } else { lines.boxed() };
    let log = registry().with(lines.with_filter(filter));
    #[cfg(feature = "otel")]
    {
        let provider = otel::provider()?;
        log.with(provider.as_ref().map(otel::layer)).init();
        Ok(Log { provider })
    }
    #[cfg(not(feature = "otel"))]
    {
        log.init();
        Ok(Log {})
    }
}

/// The log, until it is dropped: what waits to be sent is sent then.
#[derive(Debug)]
pub struct Log {
    #[cfg(feature = "otel")]
    provider: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

#[cfg(feature = "otel")]
impl Drop for Log {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.provider.take().map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

#[cfg(feature = "otel")]
mod otel {
    use flywheel_core::error::{Code, Error, Result};
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing::Subscriber;
    use tracing_subscriber::Layer;
    use tracing_subscriber::filter::Targets;
    use tracing_subscriber::registry::LookupSpan;

    /// Sends to `OTEL_EXPORTER_OTLP_ENDPOINT`, or nowhere where that is not set.
    pub(super) fn provider() -> Result<Option<SdkTracerProvider>> {
        if std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT").is_none() {
            return Ok(None);
        }
        let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build().map_err(|error| {
            Error::new(Code::Unavailable, format!("cannot send to OTEL_EXPORTER_OTLP_ENDPOINT: {error}"))
        })?;
        // OTEL_SERVICE_NAME holds where it is set.
        let resource = Resource::builder().with_service_name("flywheel").build();
        Ok(Some(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// Only our own spans: those of the libraries below are about sending these.
    pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(
        provider: &SdkTracerProvider,
    ) -> impl Layer<S> + use<S> {
        let ours = Targets::new().with_target("flywheel_server", tracing::Level::INFO);
        tracing_opentelemetry::layer().with_tracer(provider.tracer("flywheel")).with_filter(ours)
    }
}
