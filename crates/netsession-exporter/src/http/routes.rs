use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use axum::middleware::map_request;
use axum::routing::{get, post};
use prometheus_client::collector::Collector;

use super::request::ProbeRequest;
use super::response::{busy, plain, response};
use super::{browser, lifecycle, request};
use crate::allowlist::TargetError;
use crate::exporter::{Exporter, ProbeError};
use crate::metrics::{ExpositionFormat, ServerMetrics};
use crate::page::CONTENT_SECURITY_POLICY;
use crate::probe_log::ProbeLog;
use crate::query::ProbeResult;

/// All paths of the exporter.
pub(super) fn router(exporter: Exporter, is_loopback: bool) -> Router {
    let guard = exporter.clone();
    let routes = Router::new()
        .route("/", get(page))
        .route("/probe", get(probe))
        .route("/metrics", get(metrics))
        .route("/targets", get(targets))
        .route("/config", get(config))
        .route("/-/healthy", get(|| async { plain(StatusCode::OK, "healthy\n") }))
        .route("/-/reload", post(lifecycle::reload).put(lifecycle::reload))
        .route("/-/unblock", post(lifecycle::unblock).put(lifecycle::unblock))
        .fallback(|| async {
            plain(StatusCode::NOT_FOUND, "there is no such page: / leads to all that there are\n")
        })
        // With the header `Allow`.
        .method_not_allowed_fallback(|| async {
            plain(
                StatusCode::METHOD_NOT_ALLOWED,
                "not with this method: /-/reload and /-/unblock take POST, all others GET\n",
            )
        })
        .with_state(exporter);
    routes.layer(map_request(move |request: Request| {
        let refused = browser::refusal(
            request.method(),
            request.uri(),
            request.headers(),
            is_loopback,
            &guard.allowed_hosts(),
        );
        ready(match refused {
            None => Ok(request),
            Some(why) => {
                guard.count_not_allowed();
                Err(plain(StatusCode::FORBIDDEN, why))
            }
        })
    }))
}

async fn probe(State(exporter): State<Exporter>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let ProbeRequest { target, debug } = match request::probe(uri.query()) {
        Ok(request) => request,
        Err(why) => {
            exporter.count_bad_request();
            return plain(StatusCode::BAD_REQUEST, why);
        }
    };
    let budget = request::budget(&headers, exporter.default_timeout());
    let response = if debug {
        exporter
            .probe_with_log(&target, budget)
            .await
            .map(|(result, log)| debug_response(&target, result, &log))
    } else {
        exporter.probe(&target, budget).await.map(|result| metrics_response(&headers, ServerMetrics(result)))
    };
    match response {
        Ok(response) => response,
        Err(ProbeError::Target(TargetError::InvalidName)) => {
            plain(StatusCode::BAD_REQUEST, "the target is not a valid server name\n")
        }
        Err(ProbeError::Target(TargetError::NotAllowed)) => plain(
            StatusCode::FORBIDDEN,
            "the configuration does not allow this target: add an entry with credentials for it, or a pattern\n",
        ),
        Err(ProbeError::Busy) => busy(&exporter, "too many queries are running\n"),
        Err(ProbeError::Logging) => busy(&exporter, "another probe with debug=true is running: try again\n"),
    }
}

/// As blackbox_exporter and others have it: first the log, then the metrics.
fn debug_response(target: &str, result: Arc<ProbeResult>, log: &ProbeLog) -> Response<Body> {
    let failure = result.failure.as_ref().map(|failure| {
        let advice = failure.advice.as_ref().map(|advice| format!("  {advice}\n")).unwrap_or_default();
        format!("\n{}\n{advice}", failure.text)
    });
    let metrics = ExpositionFormat::Text.render(ServerMetrics(Arc::clone(&result)));
    let text = format!(
        "Log of the probe of {}:\n{}{}\nMetrics:\n{}",
        target.escape_debug(),
        log.lines(),
        failure.unwrap_or_default(),
        String::from_utf8_lossy(&metrics)
    );
    plain(StatusCode::OK, text)
}

async fn targets(State(exporter): State<Exporter>) -> Response<Body> {
    response(StatusCode::OK, "application/json", exporter.targets())
}

async fn config(State(exporter): State<Exporter>) -> Response<Body> {
    response(StatusCode::OK, "application/json", exporter.config())
}

async fn metrics(State(exporter): State<Exporter>, headers: HeaderMap) -> Response<Body> {
    metrics_response(&headers, exporter.metrics())
}

async fn page(State(exporter): State<Exporter>) -> Response<Body> {
    let mut response = response(StatusCode::OK, "text/html; charset=utf-8", exporter.page());
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn metrics_response(headers: &HeaderMap, metrics: impl Collector) -> Response<Body> {
    let accept: Vec<_> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let format = ExpositionFormat::negotiate(&accept.join(","));
    response(StatusCode::OK, format.content_type(), format.render(metrics))
}
