//! Requests that change something. They are refused unless the administrator allows them, as Prometheus does.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, Uri, header};

use super::request;
use super::response::{busy, plain};
use crate::exporter::Exporter;
use crate::lifecycle::{ReloadError, Unblock};

/// Loads the configuration again, and responds when it is in force.
pub(super) async fn reload(State(exporter): State<Exporter>) -> Response<Body> {
    if !exporter.has_lifecycle() {
        return not_enabled(&exporter);
    }
    match exporter.lifecycle().reload().await {
        Ok(()) => plain(StatusCode::OK, "reloaded\n"),
        Err(ReloadError::Invalid(why)) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("cannot reload the configuration, the old one stays in use: {why}\n"),
        ),
        Err(ReloadError::Busy) => busy(&exporter, "too many reloads are waiting\n"),
    }
}

/// Lifts the block of an account.
pub(super) async fn unblock(State(exporter): State<Exporter>, uri: Uri) -> Response<Body> {
    if !exporter.has_lifecycle() {
        return not_enabled(&exporter);
    }
    let account = match request::account(uri.query()) {
        Ok(account) => account,
        Err(why) => {
            exporter.count_bad_request();
            return plain(StatusCode::BAD_REQUEST, why);
        }
    };
    match exporter.unblock(&account) {
        Unblock::Lifted => plain(StatusCode::OK, "the account is used again\n"),
        Unblock::UnknownAccount => {
            plain(StatusCode::NOT_FOUND, "the configuration has no credentials with this account\n")
        }
        Unblock::NotBlocked => plain(StatusCode::CONFLICT, "the account is not blocked\n"),
        Unblock::TooEarly(left) => too_early(left.as_secs().saturating_add(1)),
    }
}

fn too_early(seconds: u64) -> Response<Body> {
    let text = format!(
        "the account was unblocked less than 35 minutes ago, and is blocked again; wait {seconds} s: more log-ons could \
         lock it\n"
    );
    let mut response = plain(StatusCode::TOO_MANY_REQUESTS, text);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn not_enabled(exporter: &Exporter) -> Response<Body> {
    exporter.count_not_allowed();
    plain(
        StatusCode::FORBIDDEN,
        "reload and unblock are not enabled: start the exporter with --enable-lifecycle\n",
    )
}
