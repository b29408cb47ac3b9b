//! Removing empty rooms, with both media servers and in real time.

use std::time::{Duration, Instant};

use server_sdk::{PeerOptions, RoomConfig};

use crate::support::{PeerSocket, System, id, with_both};

with_both! {
    a_room_goes_soon_after_its_last_person;
    a_join_that_races_the_removal_works;
    rooms_of_others_stay;
}

async fn a_room_goes_soon_after_its_last_person(system: System) {
    let (ana, ben) = (system.web.join("r", "Ana").await, system.web.join("r", "Ben").await);
    let (ana, ben) = (PeerSocket::connect(&ana).await.unwrap(), PeerSocket::connect(&ben).await.unwrap());
    system.connected("r", 2).await;
    ana.leave().await;
    system.connected("r", 1).await;
    ben.leave().await;
    let left = Instant::now();
    system.gone("r").await;
    let taken = left.elapsed();
    assert!(taken < Duration::from_secs(10), "{taken:?}");
    assert!(taken > Duration::from_millis(4_900), "two reads are at least 5 s apart: {taken:?}");
}

/// Many rooms lose their last person; in each somebody joins at another moment around the removal. The moments are the
/// subject of this test, so it lets time pass.
async fn a_join_that_races_the_removal_works(system: System) {
    let moments = (0..16_u64).map(|step| Duration::from_millis(4_700 + 50 * step));
    let races = moments.enumerate().map(|(number, moment)| {
        let system = &system;
        async move {
            let room = format!("race-{number}");
            let first = system.web.join(&room, "Ana").await;
            PeerSocket::connect(&first).await.unwrap().leave().await;
            tokio::time::sleep(moment).await;
            let second = system.web.join(&room, "Ben").await;
            let socket = PeerSocket::connect(&second).await.unwrap_or_else(|error| panic!("{room} after {moment:?}: {error}"));
            system.connected(&room, 1).await;
            (room, socket)
        }
    });
    let joined = futures_util::future::join_all(races).await;
    for (room, socket) in joined {
        assert!(system.room(&room).await.is_some(), "{room} is in use");
        socket.leave().await;
    }
}

async fn rooms_of_others_stay(system: System) {
    let foreign = ["theirs", "vr-0123456789abcdef0123456789abcdef01234567"];
    for id in foreign {
        let config = RoomConfig { room_id: Some(id.into()), ..RoomConfig::default() };
        system.media.create_room(&config).await.unwrap();
        let peer = system.media.add_peer(id, PeerOptions::default()).await.unwrap();
        system.media.delete_peer(id, &peer.peer.id).await.unwrap();
    }
    let ours = system.web.join("ours", "Ana").await;
    PeerSocket::connect(&ours).await.unwrap().leave().await;
    system.gone("ours").await;
    for id in foreign {
        assert!(system.media.room(id).await.is_ok(), "{id}");
    }
}

#[tokio::test]
async fn an_orphan_is_found_after_a_restart() {
    let system = System::with_scripted(&[]).await;
    system.web.join("before", "Ana").await;
    let system = system
        .restart_backend(async |media| {
            let config = RoomConfig { room_id: Some(id("during")), ..RoomConfig::default() };
            media.create_room(&config).await.unwrap();
        })
        .await;
    system.gone("before").await;
    system.gone("during").await;
}

#[tokio::test]
async fn an_orphan_is_found_after_the_notifications_were_lost() {
    let system = System::with_scripted(&[]).await;
    system.script().set_silent(true);
    system.script().drop_subscribers();
    system.web.join("lost", "Ana").await;
    let peer = system.room("lost").await.unwrap().peers[0].id.clone();
    system.media.delete_peer(&id("lost"), &peer).await.unwrap();
    system.script().set_silent(false);
    system.gone("lost").await;
}
