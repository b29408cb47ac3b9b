//! Asking a running server on this machine, over plain HTTP, whether it is well.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use net::tcp::ListenAddress;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::values::Secret;

/// Longest wait for the answer. The server itself waits 2 s for what it depends on.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longest answer that is read.
const MAX_ANSWER: u64 = 16 * 1024;

/// Why the server does not count as well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unwell {
    /// Nothing answers.
    #[error("nothing answers at {address}: {why}")]
    Silent {
        /// Where was asked.
        address: SocketAddr,
        /// What the system said.
        why: String,
    },
    /// It says that it is not well, or something else answers.
    #[error("{address} answers: {answer}")]
    Degraded {
        /// Where was asked.
        address: SocketAddr,
        /// First line of the answer.
        answer: String,
    },
}

/// What to ask, and what to expect.
#[derive(Clone, Debug)]
pub struct Question {
    /// The path.
    pub path: String,
    /// Bearer token, when the path demands one.
    pub token: Option<Secret>,
    /// What stands in the answer of a server that is well; a page of some other program has the same status.
    pub expected: &'static str,
}

impl Question {
    /// Asks the server at an address; all addresses stand for loopback.
    pub async fn ask(&self, address: SocketAddr) -> Result<(), Unwell> {
        let address = reachable(address);
        let answer = match tokio::time::timeout(PATIENCE, self.exchange(address)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(Unwell::Silent { address, why: error.to_string() }),
            Err(_) => return Err(Unwell::Silent { address, why: "no answer in time".to_owned() }),
        };
        self.judge(&answer).map_err(|answer| Unwell::Degraded { address, answer })
    }

    /// One request in plain HTTP, which our ports speak whatever their certificate is.
    async fn exchange(&self, address: SocketAddr) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address).await?;
        let token = self.token.as_ref().map(|token| format!("Authorization: Bearer {}\r\n", token.reveal())).unwrap_or_default();
        let request = format!("GET {} HTTP/1.1\r\nHost: localhost\r\n{token}Connection: close\r\n\r\n", self.path);
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// An error is the first line of the answer.
    fn judge(&self, answer: &str) -> Result<(), String> {
        let (line, rest) = answer.split_once("\r\n").unwrap_or((answer, ""));
        let success = line.split(' ').nth(1) == Some("200");
        if success && rest.contains(self.expected) { Ok(()) } else { Err(line.to_owned()) }
    }
}

/// Where a configured listener is.
pub fn configured_address(listen: &ListenAddress) -> SocketAddr {
    match listen {
        ListenAddress::All(port) => (Ipv4Addr::UNSPECIFIED, *port).into(),
        ListenAddress::One(address) => *address,
    }
}

/// Whoever listens on all addresses is reached over loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        // A listener on all IPv6 addresses takes IPv4 connections as well.
        ip if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn only_a_server_of_ours_that_is_well_counts() {
        let question = Question { path: "/healthz".to_owned(), token: None, expected: "\"status\":\"ok\"" };
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"status\":\"ok\",\"mediaServer\":\"up\"}", Ok(())),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"status\":\"degraded\"}", Err("HTTP/1.1 503 Service Unavailable")),
            ("HTTP/1.1 200 OK\r\n\r\n<html>", Err("HTTP/1.1 200 OK")),
            ("SSH-2.0-OpenSSH", Err("SSH-2.0-OpenSSH")),
            ("", Err("")),
        ] {
            assert_eq!(question.judge(answer), expected.map_err(str::to_owned), "{answer}");
        }
    }

    #[test]
    fn a_listener_on_all_addresses_is_asked_over_loopback() {
        for (listen, expected) in
            [("8080", "127.0.0.1:8080"), ("0.0.0.0:1", "127.0.0.1:1"), ("[::1]:2", "[::1]:2"), ("192.0.2.7:3", "192.0.2.7:3")]
        {
            assert_eq!(reachable(configured_address(&listen.parse().unwrap())), expected.parse().unwrap(), "{listen}");
        }
    }
}
