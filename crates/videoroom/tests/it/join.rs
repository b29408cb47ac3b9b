//! Joining, with both media servers.

use serde_json::json;

use crate::support::{PeerSocket, System, id, with_both};

with_both! {
    a_join_makes_the_room_and_its_token_connects;
    the_same_name_is_the_same_room;
    a_full_room_says_so ["--max-peers", "2"];
    reloads_never_meet_a_full_room ["--max-peers", "2"];
    an_identity_replaces_only_its_own_person;
    a_room_is_shown_with_its_people;
    many_join_at_once;
    users_of_the_original_find_their_way;
}

async fn a_join_makes_the_room_and_its_token_connects(system: System) {
    assert!(system.room("standup").await.is_none());
    let access = system.web.join("standup", " Ana\u{202e} ").await;
    assert_eq!(access.room, "standup");
    assert_eq!(access.url, format!("ws://{}/socket/peer/websocket", system.web.address()));

    let room = system.room("standup").await.unwrap();
    assert_eq!((room.config.peer_disconnected_timeout, room.config.peerless_purge_timeout), (Some(30), Some(120)));
    assert_eq!(room.peers.len(), 1);
    assert_eq!(room.peers[0].id, access.peer);
    let server = &room.peers[0].metadata["server"];
    assert_eq!(server["displayName"], "Ana");
    let person = server["personId"].as_str().unwrap();
    assert!(person.len() >= 16 && !access.identity.contains(person));

    let socket = PeerSocket::connect(&access).await.unwrap();
    system.connected("standup", 1).await;
    socket.leave().await;
    system.connected("standup", 0).await;
}

async fn the_same_name_is_the_same_room(system: System) {
    for path in ["Stra%C3%9Fe", "strasse", "%20STRASSE%20"] {
        system.web.join(path, "Ana").await;
    }
    assert_eq!(system.room("strasse").await.unwrap().peers.len(), 3);
    assert_eq!(system.web.join("%20u%CC%88ber%20", "Ana").await.room, "\u{fc}ber");
    assert_eq!(system.media.rooms().await.unwrap().len(), 2);
}

async fn a_full_room_says_so(system: System) {
    let ana = system.web.join("small", "Ana").await;
    system.web.join("small", "Ben").await;
    assert_eq!(system.web.get("/api/rooms/small").await.json()["full"], true);
    system.web.post_join("small", &json!({"name": "Cem"})).await.expect_error(409, "room_full");
    system.web.post_join("small", &json!({"name": "Cem", "identity": "not one of ours"})).await.expect_error(409, "room_full");
    system.media.delete_peer(&id("small"), &ana.peer).await.unwrap();
    system.web.join("small", "Cem").await;
}

async fn reloads_never_meet_a_full_room(system: System) {
    let ben = system.web.join("small", "Ben").await;
    let ben_socket = PeerSocket::connect(&ben).await.unwrap();
    let mut ana = system.web.join("small", "Ana").await;
    for reload in 0..20 {
        let mut socket = PeerSocket::connect(&ana).await.unwrap();
        let next = system.web.rejoin("small", "Ana", &ana.identity).await;
        assert_eq!(next.identity, ana.identity, "reload {reload}");
        assert_ne!(next.peer, ana.peer);
        assert_eq!(socket.removed().await, "replaced");
        assert_eq!(socket.closed().await, "Peer removed");
        assert_eq!(PeerSocket::connect(&ana).await.err().as_deref(), Some("peer not found"));
        ana = next;
    }
    system.connected("small", 1).await;
    ben_socket.leave().await;
}

async fn an_identity_replaces_only_its_own_person(system: System) {
    let ana = system.web.join("one", "Ana").await;
    let ben = system.web.join("one", "Ben").await;
    let elsewhere = system.web.rejoin("two", "Ana", &ana.identity).await;
    let again = system.web.rejoin("one", "Ana Maria", &ana.identity).await;
    let room = system.room("one").await.unwrap();
    let mut peers: Vec<&str> = room.peers.iter().map(|peer| peer.id.as_str()).collect();
    peers.sort_unstable();
    let mut expected = [ben.peer.as_str(), again.peer.as_str()];
    expected.sort_unstable();
    assert_eq!(peers, expected);
    let person = |peer: &str, room: &protocol::rest::Room| {
        let peer = room.peers.iter().find(|known| known.id == peer).unwrap();
        peer.metadata["server"]["personId"].as_str().unwrap().to_owned()
    };
    let two = system.room("two").await.unwrap();
    assert_eq!(person(&again.peer, &room), person(&elsewhere.peer, &two), "the same person everywhere");
    assert_ne!(person(&again.peer, &room), person(&ben.peer, &room));

    // A claimed public id, a forged or a foreign identity make a new person.
    for claimed in [person(&ben.peer, &room), format!("{}A", ben.identity), ana.identity.replace(|c: char| c.is_ascii_digit(), "x")] {
        let stranger = system.web.rejoin("one", "Eve", &claimed).await;
        assert_ne!(stranger.identity, claimed);
    }
    assert_eq!(system.room("one").await.unwrap().peers.len(), 5, "nobody was removed");
    let answer = system.web.post_join("one", &json!({"name": "Eve", "identity": 5})).await;
    assert_eq!(answer.status, 200, "an identity of another type counts as absent");
}

async fn a_room_is_shown_with_its_people(system: System) {
    let nobody = system.web.get("/api/rooms/%20quiet%20").await;
    assert_eq!(nobody.json(), json!({"room": "quiet", "exists": false, "full": false, "people": []}));
    assert!(system.room("quiet").await.is_none(), "looking does not make a room");
    let ana = system.web.join("quiet", "Ana").await;
    assert_eq!(system.web.get("/api/rooms/quiet").await.json()["people"], json!([]), "only who is connected");
    let socket = PeerSocket::connect(&ana).await.unwrap();
    system.connected("quiet", 1).await;
    let shown = system.web.get("/api/rooms/QUIET").await.json();
    assert_eq!(shown, json!({"room": "QUIET", "exists": true, "full": false, "people": [{"name": "Ana"}]}));
    socket.leave().await;
}

async fn many_join_at_once(system: System) {
    let joins = (0..20).map(|_| system.web.join("crowd", "Ana"));
    let all = futures_util::future::join_all(joins).await;
    let peers: std::collections::HashSet<_> = all.iter().map(|access| access.peer.clone()).collect();
    assert_eq!(peers.len(), 20);
    assert_eq!(system.room("crowd").await.unwrap().peers.len(), 20);
}

async fn users_of_the_original_find_their_way(system: System) {
    assert_eq!(system.web.get("/api/room/old/exist").await.status, 204);
    let answer = system.web.get("/api/room/old").await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, "*"));
    let json = answer.json();
    let (token, address) = (json["data"]["token"].as_str().unwrap(), json["data"]["fishjam_address"].as_str().unwrap());
    assert_eq!(address, system.web.address().to_string());
    let exist = system.web.get("/api/room/old/exist").await;
    assert_eq!((exist.status.as_u16(), exist.text.as_str()), (200, "Room exists"));

    let access = crate::support::Access {
        token: token.to_owned(),
        url: format!("ws://{address}/socket/peer/websocket"),
        peer: String::new(),
        identity: String::new(),
        room: String::new(),
    };
    PeerSocket::connect(&access).await.unwrap().leave().await;
    assert_eq!(system.web.get("/api/room/no!").await.json()["errors"].as_str().map(|text| text.contains("room name")), Some(true));
}
