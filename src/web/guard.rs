//! Turns away requests that do not come from this machine's own page: takes a request, passes it on or refuses it.
//!
//! A name that another site points at 127.0.0.1 arrives with that name as its Host, and a form on
//! another site arrives with that site as its Origin; both are refused. Every answer carries headers
//! that keep the page from being framed, sniffed, cached or made to load anything from elsewhere.

use axum::extract::{Request, State};
use axum::http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Names by which this machine calls itself.
const OWN_NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Sent with every answer.
const HEADERS: [(HeaderName, &str); 8] = [
    (
        HeaderName::from_static("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("x-frame-options"), "DENY"),
    (HeaderName::from_static("referrer-policy"), "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()"),
    (HeaderName::from_static("cache-control"), "no-store"),
];

/// Which Host and Origin are our own.
#[derive(Clone, Debug)]
pub struct Door {
    hosts: Vec<String>,
}

impl Door {
    /// For a listener on this port.
    pub fn new(port: u16) -> Self {
        /// A browser leaves the port out of Host and Origin when it is the usual one.
        const USUAL_PORT: u16 = 80;
        let mut hosts: Vec<String> = OWN_NAMES.iter().map(|name| format!("{name}:{port}")).collect();
        if port == USUAL_PORT {
            hosts.extend(OWN_NAMES.map(str::to_owned));
        }
        Self { hosts }
    }

    /// Why a request with these headers is refused; `None` when it may pass.
    fn objection(&self, headers: &HeaderMap) -> Option<&'static str> {
        let own = |value: &HeaderValue, before: &str| {
            let text = value.to_str().ok().and_then(|text| text.strip_prefix(before));
            text.is_some_and(|text| self.hosts.iter().any(|host| host.eq_ignore_ascii_case(text)))
        };
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Some("A request to this page names one host.");
        };
        if !own(host, "") {
            return Some("This page answers to 127.0.0.1 and localhost only. Open it under one of these names.");
        }
        let foreign = headers.get_all(ORIGIN).iter().any(|origin| !own(origin, "http://"));
        foreign.then_some("This page takes requests from itself only. Open it directly.")
    }
}

/// Checks Host and Origin, and adds the headers to whatever is answered.
pub async fn check(State(door): State<Door>, request: Request, next: Next) -> Response {
    let mut response = match door.objection(request.headers()) {
        None => next.run(request).await,
        Some(words) => (StatusCode::FORBIDDEN, words).into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(host: &[&'static str], origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        for host in host {
            headers.append(HOST, HeaderValue::from_static(host));
        }
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        Door::new(4711).objection(&headers).is_none()
    }

    #[test]
    fn only_our_own_names_and_port_pass() {
        for host in ["127.0.0.1:4711", "localhost:4711", "LocalHost:4711", "[::1]:4711"] {
            assert!(passes(&[host], None), "{host}");
        }
        for host in
            ["example.org:4711", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.example.org:4711", "", "localhost:4711 "]
        {
            assert!(!passes(&[host], None), "{host}");
        }
        assert!(!passes(&[], None));
        assert!(!passes(&["localhost:4711", "example.org"], None));
    }

    #[test]
    fn only_our_own_origin_passes() {
        assert!(passes(&["localhost:4711"], Some("http://localhost:4711")));
        for origin in ["http://example.org", "https://localhost:4711", "null", "http://localhost:4712"] {
            assert!(!passes(&["localhost:4711"], Some(origin)), "{origin}");
        }
    }
}
