//! What figures are made of.

use super::*;

fn peer_time(world: &mut World) -> Duration {
    world.snapshot().unwrap().peer_time
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
    let ended = EndedRoom { id: "r".into(), peer_time: Duration::from_secs(15) };
    assert_eq!(world.ask(RoomCommand::EndedRooms), Ok(Answer::EndedRooms(vec![ended])));
}
