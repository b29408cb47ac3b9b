//! What figures are made of.

use super::*;

fn peer_time(world: &mut World) -> Duration {
    world.snapshot().unwrap().life.peer_time
}

#[test]
fn the_time_of_all_peers_is_counted_and_remembered_after_the_room() {
    let mut world = World::new();
    world.room(None, None);
    world.pass(10);
    assert_eq!(peer_time(&mut world), Duration::ZERO, "nobody is there");
    world.peer("a");
    world.pass(1);
    assert_eq!(peer_time(&mut world), Duration::from_secs(1), "whether it is connected or not");
    let connection = world.connect("a");
    world.peer("b");
    world.pass(2);
    world.disconnect("a", connection);
    assert_eq!(peer_time(&mut world), Duration::from_secs(5));
    world.delete_peer("b").unwrap();
    world.pass(10);
    assert_eq!(peer_time(&mut world), Duration::from_secs(15));
    world.ask(RoomCommand::DeleteRoom { room: "r".into(), tell_disconnected: false }).unwrap();
    world.pass(60);
    let life = Life { age: Duration::from_secs(23), peer_time: Duration::from_secs(15), connects: 1, disconnects: 1, crashes: 0 };
    let ended = EndedRoom { id: "r".into(), life };
    assert_eq!(world.ask(RoomCommand::EndedRooms), Ok(Answer::EndedRooms(vec![ended])));
}

#[test]
fn what_is_told_of_peers_is_counted_until_the_end_of_their_room() {
    let mut world = World::new();
    world.room(None, None);
    for peer in ["a", "b"] {
        world.peer(peer);
    }
    let connection = world.connect("a");
    world.disconnect("a", connection);
    for peer in ["a", "b"] {
        world.connect(peer);
    }
    world.ask(RoomCommand::Crash { room: "r".into(), peer: Some("b".into()) }).unwrap();
    let counts = |life: Life| (life.connects, life.disconnects, life.crashes);
    assert_eq!(counts(world.snapshot().unwrap().life), (3, 1, 1));
    world.ask(RoomCommand::DeleteRoom { room: "r".into(), tell_disconnected: true }).unwrap();
    let Ok(Answer::EndedRooms(ended)) = world.ask(RoomCommand::EndedRooms) else { panic!("no answer") };
    assert_eq!(ended.iter().map(|room| counts(room.life)).collect::<Vec<_>>(), [(3, 2, 1)]);
}
