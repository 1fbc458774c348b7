use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};

use crate::exporter::Exporter;

/// A line of text.
pub(super) fn plain(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    response(status, "text/plain; charset=utf-8", text.into().into_bytes())
}

/// There is no place for the request, which is counted.
pub(super) fn busy(exporter: &Exporter, text: &str) -> Response<Body> {
    exporter.count_busy();
    plain(StatusCode::SERVICE_UNAVAILABLE, text)
}

/// A body with the headers that every response has.
pub(super) fn response(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response<Body> {
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
