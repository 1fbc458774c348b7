use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use axum::routing::get;

use super::request;
use crate::Exporter;
use crate::exporter::NoAnswer;
use crate::metrics::{Exposition, Format, of_probe};
use crate::targets::Refused;

/// Every path there is.
pub(crate) fn router(exporter: Exporter) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/probe", get(probe))
        .route("/metrics", get(metrics))
        .route("/-/healthy", get(|| async { plain(StatusCode::OK, "healthy\n") }))
        .with_state(exporter)
}

async fn probe(State(exporter): State<Exporter>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let target = match request::target(uri.query()) {
        Ok(target) => target,
        Err(why) => {
            exporter.bad_request();
            return plain(StatusCode::BAD_REQUEST, why);
        }
    };
    let budget = request::budget(&headers, exporter.default_timeout());
    match exporter.probe(&target, budget).await {
        Ok(answer) => rendered(&headers, of_probe(&answer)),
        Err(NoAnswer::Refused(Refused::NoServer)) => {
            plain(StatusCode::BAD_REQUEST, "the target is no server\n")
        }
        Err(NoAnswer::Refused(Refused::NotAllowed)) => plain(
            StatusCode::FORBIDDEN,
            "the configuration has no server with credentials, and no pattern, that lets this target be asked\n",
        ),
        Err(NoAnswer::Busy) => plain(StatusCode::SERVICE_UNAVAILABLE, "too many questions are under way\n"),
    }
}

async fn metrics(State(exporter): State<Exporter>, headers: HeaderMap) -> Response<Body> {
    rendered(&headers, exporter.own_metrics())
}

async fn page(State(exporter): State<Exporter>) -> Response<Body> {
    let mut response = response(StatusCode::OK, "text/html; charset=utf-8", exporter.page());
    // It has no script, no style, and nobody's frame around it.
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn rendered(headers: &HeaderMap, exposition: Exposition) -> Response<Body> {
    let accept: Vec<_> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let format = Format::wanted(&accept.join(","));
    response(StatusCode::OK, format.content_type(), format.render(exposition))
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
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
