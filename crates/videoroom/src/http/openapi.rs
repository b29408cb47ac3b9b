//! The description of the public API.

use axum::http::header;
use axum::response::IntoResponse;
use utoipa::OpenApi;

use super::{error, health, join, legacy, links, room};

/// The API of the public port.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Videoroom",
        description = "Joining meetings. Names of rooms are compared without regard to case; a room exists while somebody uses it.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(join::join, room::read, links::read, health::healthz, serve, legacy::token, legacy::exist),
    components(schemas(error::ErrorBody)),
    tags((name = "rooms", description = "Joining rooms and looking at them"),
         (name = "service", description = "The service itself"),
         (name = "legacy", description = "The interface of the original Videoroom"))
)]
struct Description;

/// OpenAPI 3.1 description of the public API, as JSON text that ends with a newline.
pub fn openapi() -> String {
    let mut text = Description::openapi().to_pretty_json().unwrap_or_else(|error| unreachable!("the description is plain data: {error}"));
    text.push('\n');
    text
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", operation_id = "openapi", tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json")))]
pub(super) async fn serve() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], openapi())
}
