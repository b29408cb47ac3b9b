//! Who speaks.

use sfu::{TrackId, TrackKind, VoiceActivity};

use crate::world::World;

fn speak(world: &mut World, name: &str, track: &TrackId, loud: bool) {
    world.client_mut(name).own_mut(track).sender.attenuation = if loud { 20 } else { 70 };
}

fn changes(world: &World, name: &str) -> Vec<VoiceActivity> {
    let heard = &world.client(name).heard;
    heard
        .iter()
        .filter_map(|(_, event)| match event {
            sfu::ServerEvent::VoiceActivity { activity, .. } => Some(*activity),
            _ => None,
        })
        .collect()
}

#[test]
fn vad_106_speech_and_silence_are_told() {
    let mut world = World::new(1);
    world.join("ana");
    let microphone = world.publish("ana", TrackKind::Audio);
    world.join("bo");
    world.run_until("bo hears ana", 2000, |world| world.gets("bo", &microphone));
    world.run(2000);
    speak(&mut world, "ana", &microphone, true);
    world.run_until("speech", 500, |world| world.client("bo").voice.get(&microphone) == Some(&VoiceActivity::Speech));
    world.run(3000);
    speak(&mut world, "ana", &microphone, false);
    world.run_until("silence", 1500, |world| world.client("bo").voice.get(&microphone) == Some(&VoiceActivity::Silence));
    speak(&mut world, "ana", &microphone, true);
    world.run_until("speech again", 500, |world| world.client("bo").voice.get(&microphone) == Some(&VoiceActivity::Speech));
    world.mute("ana", &microphone, true);
    world.run_until("no packets are silence", 1500, |world| world.client("bo").voice.get(&microphone) == Some(&VoiceActivity::Silence));
}

#[test]
fn vad_107_only_changes_are_told_and_the_current_state_to_newcomers() {
    let mut world = World::new(2);
    world.join("ana");
    let microphone = world.publish("ana", TrackKind::Audio);
    world.join("bo");
    world.run_until("bo hears ana", 2000, |world| world.gets("bo", &microphone));
    speak(&mut world, "ana", &microphone, true);
    world.run(5000);
    let heard = changes(&world, "bo");
    assert_eq!(heard.iter().filter(|activity| **activity == VoiceActivity::Speech).count(), 1, "{heard:?}");
    assert!(heard.windows(2).all(|pair| pair[0] != pair[1]), "{heard:?}");
    world.join("cy");
    world.run_until("cy learns that ana speaks", 1500, |world| world.client("cy").voice.get(&microphone) == Some(&VoiceActivity::Speech));
    assert!(changes(&world, "ana").is_empty(), "nobody is told about themselves");
}
