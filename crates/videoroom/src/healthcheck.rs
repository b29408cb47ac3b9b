//! `videoroom healthcheck`: asks a running server on this machine whether it can serve joins.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use net::tcp::ListenAddress;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::config::Config;

/// Longest wait for the answer. The server itself waits 2 s for its media server.
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
    /// It says that it cannot serve joins, or something else than a Videoroom answers.
    #[error("{address} answers: {answer}")]
    Degraded {
        /// Where was asked.
        address: SocketAddr,
        /// First line of the answer.
        answer: String,
    },
}

/// Asks the server that was started with this configuration.
pub async fn ask(config: &Config) -> Result<(), Unwell> {
    ask_at(local_address(&config.listen), &path(config)).await
}

/// Where a server with this configuration says how it is.
pub(crate) fn path(config: &Config) -> String {
    format!("{}/healthz", config.public.base_path.prefix())
}

/// Asks the server at an address; all addresses stand for loopback.
pub(crate) async fn ask_at(address: SocketAddr, path: &str) -> Result<(), Unwell> {
    let address = reachable(address);
    let answer = match tokio::time::timeout(PATIENCE, exchange(address, path)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(Unwell::Silent { address, why: error.to_string() }),
        Err(_) => return Err(Unwell::Silent { address, why: "no answer in time".to_owned() }),
    };
    judge(&answer).map_err(|answer| Unwell::Degraded { address, answer })
}

/// One request in plain HTTP, which the public port speaks whatever its certificate is.
async fn exchange(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// An error is the first line of the answer.
fn judge(answer: &str) -> Result<(), String> {
    let (line, rest) = answer.split_once("\r\n").unwrap_or((answer, ""));
    let success = line.split(' ').nth(1) == Some("200");
    // A page of some other program has the same status.
    if success && rest.contains("\"status\":\"ok\"") { Ok(()) } else { Err(line.to_owned()) }
}

/// Where the configured listener is.
fn local_address(listen: &ListenAddress) -> SocketAddr {
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
    fn only_a_videoroom_that_is_well_counts() {
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"status\":\"ok\",\"mediaServer\":\"up\"}", Ok(())),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"status\":\"degraded\"}", Err("HTTP/1.1 503 Service Unavailable")),
            ("HTTP/1.1 200 OK\r\n\r\n<html>", Err("HTTP/1.1 200 OK")),
            ("SSH-2.0-OpenSSH", Err("SSH-2.0-OpenSSH")),
            ("", Err("")),
        ] {
            assert_eq!(judge(answer), expected.map_err(str::to_owned), "{answer}");
        }
    }

    #[test]
    fn a_listener_on_all_addresses_is_asked_over_loopback() {
        for (listen, expected) in
            [("8080", "127.0.0.1:8080"), ("0.0.0.0:1", "127.0.0.1:1"), ("[::1]:2", "[::1]:2"), ("192.0.2.7:3", "192.0.2.7:3")]
        {
            assert_eq!(reachable(local_address(&listen.parse().unwrap())), expected.parse().unwrap(), "{listen}");
        }
    }
}
