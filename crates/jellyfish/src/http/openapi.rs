//! The description of the REST interface, generated from the code.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{health, peers, rooms};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Jellyfish",
        description = "Media server: rooms, peers and tokens. Every operation needs the API token as a bearer token.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(health::show, rooms::create, rooms::list, rooms::show, rooms::delete, peers::add, peers::delete),
    tags(
        (name = "health", description = "State of the server"),
        (name = "room", description = "Where peers meet"),
        (name = "peer", description = "Who takes part"),
    ),
    security(("bearer" = [])),
    modifiers(&Bearer)
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// The OpenAPI document as indented JSON, with a line feed at its end.
pub fn openapi() -> String {
    let mut text = Description::openapi().to_pretty_json().expect("the document is made of plain values");
    text.push('\n');
    text
}

pub(super) async fn show() -> Response {
    let mut response = Response::new(openapi().into());
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}
