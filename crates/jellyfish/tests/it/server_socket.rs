use protocol::proto::server_message::{AuthRequest, Content, EventType, SubscribeRequest};
use serde_json::{Value, json};

use crate::support::{Server, Socket, TOKEN, connect_event, server_message, subscribe};

fn auth(token: &str) -> Vec<u8> {
    server_message(Content::AuthRequest(AuthRequest { token: token.to_owned() }))
}

async fn authenticated(server: &Server) -> Socket {
    let mut socket = Socket::server(server).await;
    socket.send(auth(TOKEN)).await;
    assert!(matches!(socket.server_content().await, Content::Authenticated(_)));
    socket
}

#[tokio::test]
async fn server_socket_146_147_148_authentication() {
    let server = Server::start().await;
    let mut socket = Socket::server(&server).await;
    socket.send(auth("nope")).await;
    assert_eq!(socket.closed().await, (1000, "invalid token".into()));
    for frame in [subscribe(EventType::ServerNotification), vec![]] {
        let mut socket = Socket::server(&server).await;
        socket.send(frame).await;
        assert_eq!(socket.closed().await, (1000, "invalid auth request".into()));
    }
    authenticated(&server).await;
}

#[tokio::test]
async fn server_socket_149_other_messages_are_not_allowed() {
    let server = Server::start().await;
    let unknown = server_message(Content::SubscribeRequest(SubscribeRequest { event_type: 9, after: None }));
    for frame in [auth(TOKEN), vec![], vec![0xff, 0xff], subscribe(EventType::Unspecified), unknown] {
        let mut socket = authenticated(&server).await;
        socket.send(frame).await;
        assert_eq!(socket.closed().await, (1003, "operation not allowed".into()));
    }
    let mut socket = authenticated(&server).await;
    socket.send_text("hello").await;
    assert_eq!(socket.closed().await, (1003, "operation not allowed".into()));
    let mut socket = Socket::server(&server).await;
    socket.send_text("hello").await;
    assert_eq!(socket.closed().await, (1003, "operation not allowed".into()));
}

#[tokio::test]
async fn server_socket_150_nothing_comes_without_subscription() {
    let server = Server::start().await;
    let mut socket = authenticated(&server).await;
    server.room(json!({})).await;
    socket.is_alive_and_silent().await;
}

#[tokio::test]
async fn pipelined_and_repeated_subscriptions_are_answered_in_order() {
    let server = Server::start().await;
    let mut socket = Socket::server(&server).await;
    socket.send(auth(TOKEN)).await;
    socket.send(subscribe(EventType::ServerNotification)).await;
    socket.send(subscribe(EventType::ServerNotification)).await;
    assert!(matches!(socket.server_content().await, Content::Authenticated(_)));
    for _ in 0..2 {
        let Content::SubscribeResponse(response) = socket.server_content().await else { panic!("no response") };
        assert_eq!(response.event_type(), EventType::ServerNotification);
    }
    let room = server.room(json!({})).await;
    let Content::RoomCreated(created) = socket.server_content().await else { panic!("no notification") };
    assert_eq!(created.room_id, room);
    socket.is_alive_and_silent().await;
}

#[tokio::test]
async fn notification_167_metrics_reports_name_rooms_and_endpoints() {
    let server = Server::start().await;
    let mut socket = authenticated(&server).await;
    socket.send(subscribe(EventType::Metrics)).await;
    assert!(matches!(socket.server_content().await, Content::SubscribeResponse(_)));
    let Content::MetricsReport(report) = socket.server_content().await else { panic!("no report") };
    assert_eq!(report.metrics, "{}");
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    client.send(connect_event("{}")).await;
    client.frame().await;
    loop {
        let Content::MetricsReport(report) = socket.server_content().await else { panic!("no report") };
        let report: Value = serde_json::from_str(&report.metrics).unwrap();
        if let Some(endpoints) = report.get(format!("room_id={room}")) {
            assert!(endpoints.get(format!("endpoint_id={peer}")).is_some(), "{report}");
            return;
        }
    }
}
