//! The description of the REST interface, generated from the code.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::Ref;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{components, current, health, peers, rooms};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Jellyfish",
        description = "Media server: rooms, peers and tokens. Every operation but those on files needs the API token as a bearer token. \
                       Rooms and peers are shown in the form of the archived server; requests with the header `x-fishjam-api-client` get the \
                       form of today's SDKs, see docs/compatibility.md.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        health::show,
        current::validate,
        rooms::create,
        rooms::list,
        rooms::show,
        rooms::delete,
        peers::add,
        peers::delete,
        current::refresh_token,
        current::subscribe_peer,
        current::subscribe_tracks,
        components::add,
        components::delete,
        components::subscribe,
        components::dial,
        components::end_call,
        components::recordings,
        components::no_recording,
        components::no_file,
        current::streamer,
        current::viewer,
        current::track_forwardings,
        current::livestreams,
        current::create_livestream,
        current::moq_access,
        current::recordings,
        current::create_recording,
    ),
    components(schemas(protocol::rest::Errors)),
    tags(
        (name = "health", description = "State of the server"),
        (name = "room", description = "Where peers meet"),
        (name = "peer", description = "Who takes part"),
        (name = "component", description = "Other participants than people; switched off here"),
        (name = "recording", description = "Recordings; switched off here"),
        (name = "livestream", description = "Livestreams; switched off here"),
    ),
    security(("bearer" = [])),
    modifiers(&Bearer, &CommonErrors)
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// What any operation may answer, beside what it says about itself.
const COMMON_ERRORS: [(&str, &str); 8] = [
    ("400", "The body, a parameter or an id is malformed"),
    ("401", "No or a wrong token"),
    ("404", "There is no such thing"),
    ("406", "The client accepts no JSON"),
    ("408", "The body did not come in time"),
    ("413", "The body is too long"),
    ("500", "The server broke while it answered"),
    ("503", "The server is stopping, or cannot take more"),
];

struct CommonErrors;

impl Modify for CommonErrors {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for item in openapi.paths.paths.values_mut() {
            for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
                for (status, description) in COMMON_ERRORS {
                    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
                    let response = ResponseBuilder::new().description(description).content("application/json", content).build();
                    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
                }
            }
        }
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
