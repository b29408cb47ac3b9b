//! Reports of metrics: what the server says about rooms, peers and tracks every second.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::Error;

/// One report. Names of the values are the server's, for example `inbound-rtp.packets`; which ones there are differs between
/// servers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Rooms in which somebody is, by id.
    pub rooms: BTreeMap<String, RoomMetrics>,
}

/// What a report says about a room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomMetrics {
    /// Connected peers and components, by id.
    pub endpoints: BTreeMap<String, EndpointMetrics>,
    /// Values of the room itself.
    pub values: Map<String, Value>,
}

/// What a report says about a peer or component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointMetrics {
    /// Its tracks, by id; for simulcast followed by a colon and the name of the encoding.
    pub tracks: BTreeMap<String, Map<String, Value>>,
    /// Values of the endpoint itself.
    pub values: Map<String, Value>,
}

impl Metrics {
    /// From the JSON text of a report: objects keyed by label texts, room over endpoint over track. What is none of them is a value
    /// of what it lies in.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let report: Map<String, Value> = serde_json::from_str(text).map_err(|error| Error::Protocol(error.to_string()))?;
        let rooms = nested(report, "room_id=").0.into_iter().map(|(id, room)| {
            let (endpoints, values) = nested(room, "endpoint_id=");
            let endpoints = endpoints.into_iter().map(|(id, endpoint)| {
                let (tracks, values) = nested(endpoint, "track_id=");
                (id, EndpointMetrics { tracks, values })
            });
            (id, RoomMetrics { endpoints: endpoints.collect(), values })
        });
        Ok(Self { rooms: rooms.collect() })
    }
}

/// The objects whose keys begin with the label, by the rest of the key, and what remains.
fn nested(object: Map<String, Value>, label: &str) -> (BTreeMap<String, Map<String, Value>>, Map<String, Value>) {
    let (mut objects, mut values) = (BTreeMap::new(), Map::new());
    for (key, value) in object {
        match (key.strip_prefix(label), value) {
            (Some(id), Value::Object(object)) => drop(objects.insert(id.to_owned(), object)),
            (_, value) => drop(values.insert(key, value)),
        }
    }
    (objects, values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_is_read_by_its_labels() {
        let report = json!({
            "room_id=a": {
                "endpoint_id=p": {
                    "ice.port": 5, "endpoint.metadata": {"track_id=x": 1},
                    "track_id=p:1:h": {"inbound-rtp.packets": 7}, "track_id=p:1:l": {}
                },
                "endpoint_id=q": {},
            },
            "room_id=b": {},
            "other": 1
        });
        let metrics = Metrics::parse(&report.to_string()).unwrap();
        assert_eq!(metrics.rooms.keys().collect::<Vec<_>>(), ["a", "b"]);
        let endpoints = &metrics.rooms["a"].endpoints;
        assert_eq!(endpoints.keys().collect::<Vec<_>>(), ["p", "q"]);
        assert_eq!(endpoints["p"].tracks["p:1:h"]["inbound-rtp.packets"], json!(7));
        assert_eq!(endpoints["p"].tracks.len(), 2);
        assert_eq!(endpoints["p"].values["ice.port"], json!(5));
        assert_eq!(endpoints["p"].values["endpoint.metadata"], json!({"track_id=x": 1}));
    }

    #[test]
    fn an_empty_report_has_no_rooms_and_other_texts_are_none() {
        assert_eq!(Metrics::parse("{}").unwrap(), Metrics::default());
        for text in ["", "[]", "null", "{"] {
            assert!(matches!(Metrics::parse(text), Err(Error::Protocol(_))), "{text}");
        }
    }
}
