//! The page's style and script, held inside the program: takes a name, gives the file. Nothing comes from elsewhere.

use crate::chart::look::Theme;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "src/web/assets/"]
struct Files;

/// The style sheet: the figures' colours as variables, then the file.
static STYLE: LazyLock<Bytes> = LazyLock::new(|| {
    let [light, dark] = Theme::variables();
    let rest = Files::get("page.css").map(|file| file.data).unwrap_or_default();
    let head = format!(":root{{{light}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n");
    Bytes::from([head.as_bytes(), &rest].concat())
});

/// `GET /assets/{name}`.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let (kind, bytes) = match name.as_str() {
        "page.css" => ("text/css; charset=utf-8", Some(STYLE.clone())),
        "page.js" => {
            ("text/javascript; charset=utf-8", Files::get("page.js").map(|file| Bytes::from(file.data.into_owned())))
        }
        "icon.svg" => ("image/svg+xml", Files::get("icon.svg").map(|file| Bytes::from(file.data.into_owned()))),
        _ => ("", None),
    };
    match bytes {
        Some(bytes) => ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response(),
        None => super::plain(StatusCode::NOT_FOUND, "There is no such file."),
    }
}
