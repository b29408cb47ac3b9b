//! SRTP and SRTCP (RFC 3711, with AES-GCM as in RFC 7714): protects what we send, opens what we get.
//!
//! What a transform needs besides the key (rollover counters, indices) is the caller's: a stream knows its extended sequence
//! number, a peer its RTCP index.

mod index;
mod keys;
mod replay;
mod transform;

#[cfg(test)]
mod tests;

pub(crate) use index::estimate;
pub(crate) use keys::{KeyingMaterial, Profile};
pub(crate) use replay::Replay;

use aws_lc_rs::error::Unspecified;
use transform::Transform;

/// The E flag of an SRTCP index word: the packet is encrypted (RFC 3711 section 3.4).
const ENCRYPTED: u32 = 1 << 31;
/// Bytes of an RTCP header with the sender's SSRC, which stay in the clear.
const RTCP_HEADER: usize = 8;
/// Bytes of the SRTCP index word.
const INDEX: usize = 4;

/// Protects what we send to one peer, under the keys of our direction.
pub(crate) struct Protector {
    rtp: Transform,
    rtcp: Transform,
}

impl Protector {
    /// Keys of our direction of a session in which we are the DTLS server.
    pub(crate) fn new(material: &KeyingMaterial) -> Result<Self, Unspecified> {
        let master = material.server();
        Ok(Self { rtp: Transform::rtp(&master)?, rtcp: Transform::rtcp(&master)? })
    }

    /// Protects in place the RTP packet that begins at `start` of `bytes` and ends with it; its payload begins at `payload`.
    /// `index` is its extended sequence number (RFC 3711 section 3.3.1). No index may come twice under one SSRC.
    pub(crate) fn rtp(&self, bytes: &mut Vec<u8>, start: usize, payload: usize, ssrc: u32, index: u64) -> Result<(), Unspecified> {
        self.rtp.protect_rtp(bytes, start, payload, ssrc, index)
    }

    /// Protects in place the compound RTCP packet that begins at `start` of `bytes` and ends with it. No index may come twice
    /// under one SSRC.
    pub(crate) fn rtcp(&self, bytes: &mut Vec<u8>, start: usize, ssrc: u32, index: u32) -> Result<(), Unspecified> {
        self.rtcp.protect_rtcp(bytes, start, ssrc, index & !ENCRYPTED)
    }
}

/// Opens the RTP of one peer.
pub(crate) struct RtpOpener {
    transform: Transform,
}

impl RtpOpener {
    /// Keys of the client's direction of a session in which we are the DTLS server.
    pub(crate) fn new(material: &KeyingMaterial) -> Result<Self, Unspecified> {
        Ok(Self { transform: Transform::rtp(&material.client())? })
    }

    /// Opens a packet: its payload, any padding included, comes to be `plain`. `header`: bytes of its header, extensions included.
    /// `index`: as [`estimate`] says; whether it came before is the caller's to know. An error: forged, or another index; `plain`
    /// means nothing then.
    pub(crate) fn open(&self, packet: &[u8], header: usize, ssrc: u32, index: u64, plain: &mut Vec<u8>) -> Result<(), Unspecified> {
        let (header, sealed) = packet.split_at_checked(header).ok_or(Unspecified)?;
        self.transform.open_rtp(header, sealed, ssrc, index, plain)
    }
}

/// Opens the RTCP of one peer.
pub(crate) struct RtcpOpener {
    transform: Transform,
    replay: Replay,
}

impl RtcpOpener {
    /// Keys of the client's direction of a session in which we are the DTLS server.
    pub(crate) fn new(material: &KeyingMaterial) -> Result<Self, Unspecified> {
        Ok(Self { transform: Transform::rtcp(&material.client())?, replay: Replay::default() })
    }

    /// Opens a packet into `plain`, which is overwritten. `None`: forged, replayed, or not encrypted; `plain` means nothing then.
    pub(crate) fn open<'a>(&mut self, packet: &[u8], plain: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        let ssrc = u32::from_be_bytes(packet.get(4..RTCP_HEADER)?.try_into().ok()?);
        let index = self.transform.open_rtcp(packet, ssrc, plain).ok()?;
        self.replay.accept(ssrc, index).then_some(plain.as_slice())
    }
}
