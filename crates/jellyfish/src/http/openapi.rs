//! The description of the REST interface, generated from the code.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use protocol::rest::{ErrorBody, PhraseBody};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{Modify, OpenApi};

use super::{components, current, health, peers, rooms, streams, upgrade};

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
        components::hls_file,
        components::recordings,
        components::delete_recording,
        components::recording_file,
        streams::streamer,
        streams::viewer,
        streams::track_forwardings,
        streams::livestreams,
        streams::create_livestream,
        streams::show_livestream,
        streams::delete_livestream,
        streams::add_streamer,
        streams::add_viewer,
        streams::delete_streamer,
        streams::delete_viewer,
        streams::moq_access,
        streams::recordings,
        streams::create_recording,
        streams::show_recording,
        streams::delete_recording,
        streams::stop_recording,
        upgrade::peer,
        upgrade::server,
        super::metrics_page,
        show,
    ),
    components(schemas(ErrorBody, PhraseBody)),
    tags(
        (name = "health", description = "State of the server"),
        (name = "room", description = "Where peers meet"),
        (name = "peer", description = "Who takes part"),
        (name = "component", description = "Other participants than people; switched off here"),
        (name = "recording", description = "Recordings; switched off here"),
        (name = "livestream", description = "Livestreams; switched off here"),
        (name = "socket", description = "WebSockets"),
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

/// What operations may answer beside what they say about themselves.
struct CommonErrors;

impl Modify for CommonErrors {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut openapi.paths.paths {
            for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
                for (status, description, body) in common_errors(path, operation) {
                    let RefOr::T(response) = operation
                        .responses
                        .responses
                        .entry(status.to_owned())
                        .or_insert_with(|| ResponseBuilder::new().description(description).build().into())
                    else {
                        continue;
                    };
                    response.content.insert("application/json".to_owned(), ContentBuilder::new().schema(Some(body)).build());
                }
            }
        }
    }
}

/// Status, description and body of the errors that are common to operations of this kind. Bodies are read before anything else.
fn common_errors(path: &str, operation: &Operation) -> Vec<(&'static str, &'static str, RefOr<Schema>)> {
    let sentence = || Ref::from_schema_name("ErrorBody").into();
    let phrase = || Ref::from_schema_name("PhraseBody").into();
    let either = OneOfBuilder::new().item(Ref::from_schema_name("ErrorBody")).item(Ref::from_schema_name("PhraseBody")).build();
    let mut errors = vec![
        ("400", "The body, a parameter or an id is malformed", RefOr::T(either.into())),
        ("408", "The body did not come in time", phrase()),
        ("413", "The body is too long", phrase()),
        ("500", "The server broke while it answered", phrase()),
    ];
    if operation.security.is_none() {
        errors.push(("401", "No or a wrong token", sentence()));
        errors.push(("406", "The client accepts no JSON", phrase()));
    }
    if path.contains('{') {
        errors.push(("404", "There is no such thing", sentence()));
    }
    if path.starts_with("/room/") {
        errors.push(("503", "The server is stopping", sentence()));
    }
    errors
}

/// The OpenAPI document as indented JSON, with a line feed at its end.
pub fn openapi() -> String {
    let mut text = Description::openapi().to_pretty_json().expect("the document is made of plain values");
    text.push('\n');
    text
}

/// Describe this interface
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi", tag = "health", security(()),
    responses((status = 200, description = "This document", body = Object, content_type = "application/json"))
)]
pub(super) async fn show() -> Response {
    let mut response = Response::new(openapi().into());
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::BTreeSet;

    use super::super::routes::{self, Route};
    use super::*;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let all = [routes::open(), routes::authenticated(), vec![routes::peer_socket(), routes::metrics()]];
        let mut served: Vec<(String, String)> =
            all.into_iter().flatten().map(|route| (route.path.to_owned(), route.method.to_string())).collect();
        served.sort();
        let document: serde_json::Value = serde_json::from_str(&openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap().iter();
        let mut described: Vec<(String, String)> =
            paths.flat_map(|(path, item)| item.as_object().unwrap().keys().map(|method| (path.clone(), method.to_uppercase()))).collect();
        described.sort();
        assert_eq!(described, served);
    }

    #[test]
    fn what_asks_for_the_token_says_so() {
        let document: serde_json::Value = serde_json::from_str(&openapi()).unwrap();
        for Route { method, path, .. } in routes::authenticated() {
            let operation = &document["paths"][path][method.as_str().to_lowercase()];
            assert!(operation["security"].is_null() && operation["responses"]["401"].is_object(), "{method} {path}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document: serde_json::Value = serde_json::from_str(&openapi()).unwrap();
        let operations = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
        let names: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}
