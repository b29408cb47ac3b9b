//! Looking at the machine: each function gathers the facts of one check and judges nothing.

mod certificate;
mod holder;
mod ports;
mod surroundings;
mod system;

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use net::interfaces::local_addresses;
use net::tcp::ListenAddress;
use server_sdk::{Client, Error};
use tokio::net::lookup_host;

use super::addresses::{AddressFacts, Resolved, is_outward};
use super::certificate::{CertificateFacts, Encryption};
use super::media_server::{Answer, MediaServerFacts};
use crate::config::{Config, Embedded, Media, PublicUrl, Secret, Tls};

pub(super) use ports::ports;
pub(super) use system::{buffers, clock, directory, files};

/// Longest wait for a name service or a media server: somebody sits at the terminal.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether only browsers on this machine can open the page.
pub(super) fn is_loopback_only(config: &Config) -> bool {
    matches!(config.listen, ListenAddress::One(address) if address.ip().is_loopback())
}

/// Where media is sent to.
pub(super) async fn addresses(config: &Config, embedded: &Embedded) -> AddressFacts {
    let mut announced = Vec::new();
    for name in &embedded.server.announce {
        announced.push(resolve(name).await);
    }
    let public_host = match &config.public.url {
        Some(url) => Some(resolve(url.host()).await),
        None => None,
    };
    let own = match local_addresses() {
        Ok(found) => found.into_iter().filter(|address| !address.loopback).map(|address| address.ip).filter(|ip| is_outward(*ip)).collect(),
        Err(error) => {
            tracing::warn!(%error, "the addresses of this machine cannot be read");
            Vec::new()
        }
    };
    AddressFacts {
        loopback_only: is_loopback_only(config),
        page_port: config.listen.port(),
        media_port: embedded.server.media_port,
        announced,
        public_host,
        own,
        surroundings: surroundings::look(),
    }
}

async fn resolve(name: &str) -> Resolved {
    let addresses = match name.parse::<IpAddr>() {
        Ok(ip) => Ok(vec![ip]),
        Err(_) => match tokio::time::timeout(PATIENCE, lookup_host((name, 0))).await {
            Ok(Ok(found)) => Ok(found.map(|address| address.ip()).collect()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the name service does not answer".to_owned()),
        },
    };
    Resolved { name: name.to_owned(), addresses }
}

/// The certificate of the public port.
pub(super) fn certificate(config: &Config) -> CertificateFacts {
    let encryption = match &config.tls {
        Tls::Off => Encryption::Off,
        Tls::SelfSigned => Encryption::SelfSigned,
        Tls::Acme(acme) => Encryption::Automatic(acme.domains.clone()),
        Tls::Files { certificate, key } => certificate::read(certificate, key),
    };
    let url = config.public.url.as_ref();
    CertificateFacts {
        encryption,
        host: url.filter(|url| url.is_https()).map(|url| url.host().to_owned()),
        https_address: url.is_some_and(PublicUrl::is_https),
        loopback_only: is_loopback_only(config),
        now: SystemTime::now(),
    }
}

/// The names that an authority shall give a certificate for.
pub(super) async fn certificate_names(config: &Config) -> Vec<Resolved> {
    let mut names = Vec::new();
    for name in config.tls.domains() {
        names.push(resolve(name).await);
    }
    names
}

/// A media server elsewhere; `None` when it is the embedded one.
pub(super) async fn media_server(config: &Config) -> Option<MediaServerFacts> {
    let Media::Elsewhere { url, token } = &config.media else { return None };
    let url = url.to_string();
    let https_page = config.tls != Tls::Off || config.public.url.as_ref().is_some_and(PublicUrl::is_https);
    let answer = ask(&url, token).await;
    Some(MediaServerFacts { url, answer, https_page })
}

async fn ask(url: &str, token: &Secret) -> Answer {
    let client = match Client::new(url, token.reveal()) {
        Ok(client) => client,
        Err(error) => return Answer::Stranger(error.to_string()),
    };
    match tokio::time::timeout(PATIENCE, client.health()).await {
        Ok(Ok(health)) => Answer::Well { public_url: health.public_url },
        Ok(Err(Error::Unauthorized(_))) => Answer::Refused,
        Ok(Err(Error::Unavailable { sentence, status })) => {
            Answer::Unwell(if sentence.is_empty() { format!("status {status}") } else { sentence })
        }
        Ok(Err(Error::Transport(why))) => Answer::Silent(why),
        Ok(Err(error)) => Answer::Stranger(error.to_string()),
        Err(_) => Answer::Silent("it does not answer in time".to_owned()),
    }
}
