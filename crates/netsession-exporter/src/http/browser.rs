//! Requests that a page of another site makes a browser send. The exporter has no log-on, so that a browser on this machine,
//! or in its network, would reach it for any page.

use std::net::IpAddr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri, header};

/// Why a request is refused; `None` if it is not. Prometheus, curl and others that are no browser send none of these
/// headers but `Host`.
pub(super) fn refusal(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    is_loopback: bool,
    allowed_hosts: &[String],
) -> Option<&'static str> {
    let is_own = |host: &str| is_local(host) || allowed_hosts.iter().any(|allowed| is_same(allowed, host));
    let hosts: Vec<_> = headers.get_all(header::HOST).iter().map(|value| value.to_str().ok()).collect();
    let named = hosts.into_iter().chain(uri.authority().map(|authority| Some(authority.as_str())));
    let named: Vec<_> = named.map(|host| host.and_then(parse)).collect();
    // DNS rebinding: the name of another site can resolve to this machine, and its page is then of the same origin.
    if is_loopback && !named.iter().all(|host| host.as_ref().is_some_and(|host| is_own(host.host()))) {
        return Some(
            "this exporter is not known by that name: see netsession exporter --help, --allowed-host\n",
        );
    }
    // Browsers send an origin with every POST (Fetch, 3.2). On an address that is not loopback, DNS rebinding would make
    // it look like the exporter's own.
    let changes = !(method == Method::GET || method == Method::HEAD);
    let is_rebound = |host: &Authority| !is_own(host.host()) && !is_address(host.host());
    if changes && headers.contains_key(header::ORIGIN) && named.iter().flatten().any(is_rebound) {
        return Some("requests of other web pages are refused\n");
    }
    let is_foreign = |origin: Option<&str>| {
        let origin = origin
            .and_then(|origin| parse(origin.strip_prefix("http://").or(origin.strip_prefix("https://"))?));
        // Its own page is at the same host and port; a reverse proxy has a port of its own.
        !origin.is_some_and(|origin| {
            named.iter().flatten().any(|host| is_same(host.as_str(), origin.as_str()))
                || allowed_hosts.iter().any(|allowed| is_same(allowed, origin.host()))
        })
    };
    if headers.get_all(header::ORIGIN).iter().any(|origin| is_foreign(origin.to_str().ok())) {
        return Some("requests of other web pages are refused\n");
    }
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // An image or a link has no Origin (Fetch, 3.2). To follow a link to a page that asks no server does no harm.
    let is_of_other_site =
        value("sec-fetch-site").is_some_and(|site| !matches!(site, "none" | "same-origin"));
    let is_harmless = !changes && uri.path() != "/probe" && value("sec-fetch-mode") == Some("navigate");
    (is_of_other_site && !is_harmless).then_some("requests of other web pages are refused\n")
}

/// A host with or without a port; a user in front of it is none.
fn parse(text: &str) -> Option<Authority> {
    text.parse().ok().filter(|authority: &Authority| !authority.as_str().contains('@'))
}

fn is_local(host: &str) -> bool {
    is_same(host, "localhost") || address(host).is_some_and(|address| address.to_canonical().is_loopback())
}

/// Whether the host is an IP address, which no DNS server can change.
fn is_address(host: &str) -> bool {
    address(host).is_some()
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether both are the same name, with or without the dot at the end.
fn is_same(a: &str, b: &str) -> bool {
    a.trim_end_matches('.').eq_ignore_ascii_case(b.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &str, is_loopback: bool, headers: &[(&'static str, &str)]) -> bool {
        refused_method(&Method::GET, path, is_loopback, headers)
    }

    fn refused_method(
        method: &Method,
        path: &str,
        is_loopback: bool,
        headers: &[(&'static str, &str)],
    ) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().unwrap()));
        let allowed = ["exporter.example.com".to_owned()];
        refusal(method, &path.parse().unwrap(), &headers.collect(), is_loopback, &allowed).is_some()
    }

    #[test]
    fn on_loopback_only_own_names() {
        for host in [
            "127.0.0.1:9945",
            "localhost:9945",
            "LOCALHOST",
            "localhost.",
            "[::1]:9945",
            "127.1.2.3",
            "[::ffff:127.0.0.1]:1",
            "exporter.example.com",
            "Exporter.Example.com:9946",
            "exporter.example.com.:80",
        ] {
            assert!(!refused("/probe?target=fs1", true, &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:9945",
            "10.0.0.5:9945",
            "0.0.0.0",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "evil.example@127.0.0.1",
            "",
            "[::2]",
            "a b",
        ] {
            assert!(refused("/metrics", true, &[("host", host)]), "{host}");
            if host != "a b" && !host.is_empty() {
                assert!(!refused("/metrics", false, &[("host", host)]), "{host}");
            }
        }
        assert!(refused("http://evil.example/metrics", true, &[("host", "localhost")]));
        assert!(refused("/metrics", true, &[("host", "localhost"), ("host", "evil.example")]));
        assert!(!refused("/metrics", true, &[]), "HTTP/1.0 has none, and no browser speaks it");
    }

    #[test]
    fn foreign_origin_is_refused_always() {
        for is_loopback in [true, false] {
            for origin in [
                "http://evil.example",
                "null",
                "",
                "https://localhost.evil.example",
                "http://localhost:3000",
                "http://127.0.0.1",
                "file://",
                "http://127.0.0.1:9945.evil.example",
            ] {
                let headers = [("host", "127.0.0.1:9945"), ("origin", origin)];
                assert!(refused("/", is_loopback, &headers), "{origin}");
            }
            for origin in ["http://127.0.0.1:9945", "https://exporter.example.com:9946"] {
                let headers = [("host", "127.0.0.1:9945"), ("origin", origin)];
                assert!(!refused("/", is_loopback, &headers), "{origin}");
            }
        }
    }

    #[test]
    fn nothing_of_other_sites_asks_a_server() {
        let from = |path, site, mode| {
            refused(
                path,
                true,
                &[("host", "localhost:9945"), ("sec-fetch-site", site), ("sec-fetch-mode", mode)],
            )
        };
        for site in ["cross-site", "same-site", "anything"] {
            assert!(from("/probe?target=fs1", site, "no-cors"), "an image");
            assert!(from("/probe?target=fs1", site, "navigate"), "a window");
            assert!(from("/metrics", site, "no-cors"));
            assert!(!from("/", site, "navigate"), "a link on a dashboard");
        }
        for site in ["none", "same-origin"] {
            assert!(!from("/probe?target=fs1", site, "navigate"), "typed, or on the exporter's own page");
        }
    }

    #[test]
    fn no_page_of_another_site_changes_anything() {
        let post = |is_loopback, headers: &[(&'static str, &str)]| {
            refused_method(&Method::POST, "/-/reload", is_loopback, headers)
        };
        for is_loopback in [true, false] {
            for headers in [
                &[("host", "localhost:9945"), ("origin", "http://evil.example")][..],
                &[("host", "localhost:9945"), ("origin", "null")],
                &[
                    ("host", "localhost:9945"),
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "navigate"),
                ],
                &[("host", "localhost:9945"), ("sec-fetch-site", "same-site"), ("sec-fetch-mode", "no-cors")],
                // The name of another site that resolves to the exporter.
                &[("host", "evil.example:9945"), ("origin", "http://evil.example:9945")],
            ] {
                assert!(post(is_loopback, headers), "{headers:?}");
            }
            for headers in [
                &[("host", "localhost:9945")][..],
                &[("host", "localhost:9945"), ("origin", "http://localhost:9945")],
                &[("host", "exporter.example.com"), ("origin", "https://exporter.example.com")],
            ] {
                assert!(!post(is_loopback, headers), "{headers:?}");
            }
        }
        assert!(!post(false, &[("host", "10.0.0.5:9945"), ("origin", "http://10.0.0.5:9945")]));
        assert!(!post(false, &[("host", "monitor.example.com:9945")]), "curl");
    }
}
