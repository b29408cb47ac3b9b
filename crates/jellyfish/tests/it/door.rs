//! Arbitrary requests through the real door.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::request::Asked;

/// An answer takes milliseconds; a server that hangs is a finding.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client that keeps its connection while the server does.
pub(crate) struct Door {
    server: SocketAddr,
    token: &'static str,
    connection: Option<BufReader<TcpStream>>,
}

impl Door {
    /// Nothing is connected yet.
    pub(crate) fn new(server: SocketAddr, token: &'static str) -> Self {
        Self { server, token, connection: None }
    }

    /// Sends what the bytes say, and returns the status. A server error is a finding, except for rooms and peers that no longer fit.
    pub(crate) fn knock(&mut self, bytes: &[u8]) -> u16 {
        let asked = Asked::read(bytes);
        let (status, sentence) = self.request(&asked);
        assert!(status < 500 || status == 503, "{} {}: {status} {sentence}", asked.method, asked.target);
        status
    }

    /// Ids of all rooms.
    pub(crate) fn rooms(&mut self) -> Vec<String> {
        let (_, list) = self.request(&Asked::read(b"\0room"));
        // Only the configuration of a room has this key, and its value is the room's id.
        list.split("\"roomId\":\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
    }

    /// Deletes all rooms.
    pub(crate) fn delete_rooms(&mut self) {
        for room in self.rooms() {
            assert_eq!(self.knock(format!("\u{2}room/{room}").as_bytes()), 204, "{room} is deleted");
        }
    }

    fn request(&mut self, asked: &Asked) -> (u16, String) {
        let Asked { method, target, headers, body } = asked;
        let own = [("host", "localhost".to_owned()), ("content-length", body.len().to_string())];
        let bearer = ("authorization", format!("Bearer {}", self.token));
        let bearer = Some(bearer).filter(|_| !headers.iter().any(|(name, _)| name == "authorization"));
        let given = headers.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let lines = own.into_iter().chain(bearer).chain(given).map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!("{method} /{target} HTTP/1.1\r\n{}\r\n", lines.collect::<String>());
        let request = [head.as_bytes(), body].concat();
        // A connection that the server has closed meanwhile is no finding; a new one must do.
        if let Some(answer) = self.connection.take().and_then(|connection| self.exchange(connection, method, &request)) {
            return answer;
        }
        let stream = TcpStream::connect(self.server).expect("the server accepts connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        self.exchange(BufReader::new(stream), method, &request).expect("the server answers every request")
    }

    fn exchange(&mut self, mut connection: BufReader<TcpStream>, method: &str, request: &[u8]) -> Option<(u16, String)> {
        connection.get_mut().write_all(request).ok()?;
        let mut line = String::new();
        connection.read_line(&mut line).ok()?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let (mut length, mut closes) = (None, false);
        loop {
            line.clear();
            connection.read_line(&mut line).ok()?;
            let header = line.trim_end().to_ascii_lowercase();
            match header.split_once(':').map(|(name, value)| (name, value.trim())) {
                Some(("content-length", value)) => length = value.parse::<usize>().ok(),
                Some(("connection", "close")) => closes = true,
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; if method == "HEAD" || status == 204 { 0 } else { length.unwrap_or(0) }];
        connection.read_exact(&mut body).ok()?;
        if !closes && (length.is_some() || status == 204) {
            self.connection = Some(connection);
        }
        Some((status, String::from_utf8_lossy(&body).into_owned()))
    }
}
