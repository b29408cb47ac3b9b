//! Arbitrary requests through the real door, for the replayed corpus and for the fuzz target of the same name.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Methods that a request's first byte chooses from.
const METHODS: [&str; 8] = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "POST"];

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

    /// Sends what the bytes say: one that chooses the method, the target, a line feed, the content type, a line feed, the body.
    /// Returns the status. A server error is a finding, except for rooms and peers that no longer fit.
    pub(crate) fn knock(&mut self, bytes: &[u8]) -> u16 {
        let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
        let first = parts.next().unwrap_or_default();
        let (method, target) = first.split_first().map_or((0, &b""[..]), |(method, target)| (*method, target));
        let method = METHODS[usize::from(method) % METHODS.len()];
        let (kind, body) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (status, sentence) = self.request(method, &printable(target), &printable(kind), body);
        assert!(status < 500 || status == 503, "{method} {}: {status} {sentence}", printable(target));
        status
    }

    /// Ids of all rooms.
    pub(crate) fn rooms(&mut self) -> Vec<String> {
        let (_, list) = self.request("GET", "room", "", b"");
        // Only the configuration of a room has this key, and its value is the room's id.
        list.split("\"roomId\":\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
    }

    /// Deletes all rooms.
    pub(crate) fn delete_rooms(&mut self) {
        for room in self.rooms() {
            assert_eq!(self.knock(format!("\u{2}room/{room}\n\n").as_bytes()), 204, "{room} is deleted");
        }
    }

    fn request(&mut self, method: &str, target: &str, kind: &str, body: &[u8]) -> (u16, String) {
        let kind = if kind.is_empty() { String::new() } else { format!("content-type: {kind}\r\n") };
        let head = format!(
            "{method} /{target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n{kind}content-length: {}\r\n\r\n",
            self.token,
            body.len()
        );
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

/// The bytes as text of one line, without anything that would end the line or the target.
fn printable(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }).collect()
}
