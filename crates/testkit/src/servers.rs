//! Our own servers in this process, on free ports of loopback.

use std::path::Path;

use videoroom::config::{self, Config};
use videoroom::product::{self, Product};
use videoroom::server::{self, MediaServer, Sockets};

use crate::scripted::{Scripted, TOKEN};

/// API token of servers that tests start.
pub const API_TOKEN: &str = "test-api-token-of-jellyfish";

/// The product's configuration for a test: loopback, free ports, plain HTTP, plus `flags`.
///
/// # Panics
/// When a flag is wrong.
pub fn config(data_dir: &Path, flags: &[&str]) -> Config {
    let data_dir = data_dir.to_str().expect("temporary directories have plain names");
    let mut arguments = vec!["videoroom", "--data-dir", data_dir, "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"];
    arguments.extend(["--media-port", "0", "--workers", "1", "--api-token", API_TOKEN]);
    if !flags.contains(&"--tls") {
        arguments.extend(["--tls", "off"]);
    }
    arguments.extend(flags);
    config::load(arguments, &[]).expect("the test's flags are right")
}

/// The whole product with the embedded media server.
///
/// # Panics
/// When it does not start.
pub async fn product(data_dir: &Path, flags: &[&str]) -> Product {
    product::start(&config(data_dir, flags)).await.expect("the product starts")
}

/// A Backend whose media server is a scripted one, which also serves the clients' socket on the public port.
///
/// # Panics
/// When it does not start.
pub fn backend(data_dir: &Path, flags: &[&str], media: &Scripted) -> server::Running {
    let config = config(data_dir, flags);
    let sockets = Sockets::Here(media.peer_socket_router());
    let media = MediaServer::new(&media.url(), TOKEN, sockets).expect("the scripted server's address is right");
    server::bind(&config).expect("loopback has free ports").serve(&config, media)
}

/// A media server alone, perhaps with an address that clients are told to use.
///
/// # Panics
/// When it does not start.
pub async fn jellyfish(data_dir: &Path, public_url: Option<&str>) -> jellyfish::Running {
    let config = jellyfish::config::Config {
        listen: "127.0.0.1:0".parse().expect("a constant"),
        media_port: 0,
        public_url: public_url.map(|url| url.parse().expect("the test's address is right")),
        api_token: Some(jellyfish::config::Secret::new(API_TOKEN)),
        data_dir: data_dir.to_owned(),
        tls: jellyfish::config::Tls::Off,
        workers: 1,
        metrics: jellyfish::config::Metrics::Off,
        ..jellyfish::config::Config::default()
    };
    jellyfish::start(config).await.expect("the media server starts")
}
