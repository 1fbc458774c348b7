use std::future::ready;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, header};
use axum::middleware::map_request;
use axum::routing::get;
use prometheus_client::collector::Collector;

use super::{browser, request};
use crate::allowlist::TargetError;
use crate::exporter::{Exporter, ProbeError};
use crate::metrics::{ExpositionFormat, ServerMetrics};

/// All paths of the exporter.
pub(super) fn router(exporter: Exporter, is_loopback: bool) -> Router {
    let guard = exporter.clone();
    let routes = Router::new()
        .route("/", get(page))
        .route("/probe", get(probe))
        .route("/metrics", get(metrics))
        .route("/-/healthy", get(|| async { plain(StatusCode::OK, "healthy\n") }))
        .with_state(exporter);
    routes.layer(map_request(move |request: Request| {
        let refused = browser::refusal(request.uri(), request.headers(), is_loopback, &guard.allowed_hosts());
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
    let target = match request::target(uri.query()) {
        Ok(target) => target,
        Err(why) => {
            exporter.count_bad_request();
            return plain(StatusCode::BAD_REQUEST, why);
        }
    };
    let budget = request::budget(&headers, exporter.default_timeout());
    match exporter.probe(&target, budget).await {
        Ok(result) => metrics_response(&headers, ServerMetrics(result)),
        Err(ProbeError::Target(TargetError::InvalidName)) => {
            plain(StatusCode::BAD_REQUEST, "the target is not a valid server name\n")
        }
        Err(ProbeError::Target(TargetError::NotAllowed)) => plain(
            StatusCode::FORBIDDEN,
            "the configuration does not allow this target: add an entry with credentials for it, or a pattern\n",
        ),
        Err(ProbeError::Busy) => plain(StatusCode::SERVICE_UNAVAILABLE, "too many queries are running\n"),
    }
}

async fn metrics(State(exporter): State<Exporter>, headers: HeaderMap) -> Response<Body> {
    metrics_response(&headers, exporter.metrics())
}

async fn page(State(exporter): State<Exporter>) -> Response<Body> {
    let mut response = response(StatusCode::OK, "text/html; charset=utf-8", exporter.page());
    // The page has no script and no style, and no other page may show it in a frame.
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn metrics_response(headers: &HeaderMap, metrics: impl Collector) -> Response<Body> {
    let accept: Vec<_> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let format = ExpositionFormat::negotiate(&accept.join(","));
    response(StatusCode::OK, format.content_type(), format.render(metrics))
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    response(status, "text/plain; charset=utf-8", text.as_bytes().to_vec())
}

fn response(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
