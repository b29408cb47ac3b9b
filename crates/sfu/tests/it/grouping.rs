//! Sound and picture of one person arrive as such, so that browsers play them in step.

use std::collections::BTreeMap;

use sfu::{TrackId, TrackKind};

use crate::client::Client;
use crate::rules;
use crate::world::World;

/// By track that a client gets: stream id and canonical name of its line.
fn streams(client: &Client) -> BTreeMap<TrackId, (String, String)> {
    let (_, sections) = rules::sections(&client.last_answer);
    let sending = sections.iter().filter(|section| section.direction() == "sendonly");
    let stream = |section: &rules::Section<'_>| {
        let track = client.mid_to_track[section.value("mid")?].clone();
        let stream = section.value("msid")?.split(' ').next()?.to_owned();
        let name = section.value("ssrc")?.split_once("cname:")?.1.to_owned();
        Some((track, (stream, name)))
    };
    sending.map(|section| stream(section).expect("a line that sends says what it sends")).collect()
}

#[test]
fn what_a_person_sends_in_one_stream_comes_in_one_stream_to_those_who_want_it() {
    let mut world = World::new(3);
    let (ana, bo) = (world.join_and_publish("ana"), world.join_and_publish("bo"));
    world.grouped_streams = true;
    world.join("cy");
    world.run_until_everyone_gets_everyone(3000);

    let grouped = streams(world.client("cy"));
    assert_eq!(grouped[&ana.0], grouped[&ana.1], "sound and picture of a person");
    assert_eq!(grouped[&bo.0], grouped[&bo.1]);
    assert_ne!(grouped[&ana.0], grouped[&bo.0], "another person");
    for (stream, name) in grouped.values() {
        assert_eq!(stream, name);
    }
    let plain = streams(world.client("ana"));
    assert_ne!(plain[&bo.0], plain[&bo.1], "whoever says nothing gets a stream per track");
}

#[test]
fn a_new_picture_on_the_old_ones_line_belongs_to_the_same_sound() {
    let mut world = World::new(4);
    world.grouped_streams = true;
    let (microphone, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo gets ana", 3000, |world| world.gets("bo", &camera) && world.gets("bo", &microphone));
    world.unpublish("ana", &camera);
    let next = world.publish("ana", TrackKind::Video);
    world.run_until("bo sees ana again", 3000, |world| world.gets("bo", &next));
    let streams = streams(world.client("bo"));
    assert_eq!(streams[&microphone], streams[&next]);
    assert_eq!(world.client("bo").media_lines("video"), 1, "the line is used again");
}
