//! The packet-only endpoint kind, driven from outside: for tests until recording and relays use it.

use std::time::Instant;

use crate::command::CommandError;
use crate::engine::Engine;
use crate::event::{TrackInfo, TrackKind, Variant};
use crate::ids::{PeerId, RoomId, TrackId};
use crate::media::packet::{Codec, Packet, PacketFacts, PayloadFacts};

/// A packet as a packet-only endpoint sends and gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaPacket {
    /// Of which track.
    pub track: TrackId,
    /// Of which of its encodings.
    pub variant: Variant,
    /// Extended sequence number, as the publisher numbered it.
    pub sequence: u64,
    /// RTP timestamp, as the publisher stamped it.
    pub timestamp: u32,
    /// RTP marker bit.
    pub marker: bool,
    /// RTP payload: Opus or VP8.
    pub payload: Vec<u8>,
}

/// Adds a packet-only endpoint to a room. It gets every track of the room; [`crate::Command::RemovePeer`] removes it.
pub fn join(engine: &mut Engine, now: Instant, room: &RoomId, peer: PeerId) -> Result<(), CommandError> {
    let (room, _) = engine.room(room)?;
    room.add_packet_endpoint(now, peer).map(|_| ())
}

/// Publishes a track of a packet-only endpoint.
pub fn publish(engine: &mut Engine, now: Instant, room: &RoomId, peer: &PeerId, track: TrackInfo) -> Result<(), CommandError> {
    let (room, key, worker) = engine.endpoint(room, peer)?;
    room.publish_from_packets(worker, now, key, track);
    Ok(())
}

/// Sends a packet of such a track.
pub fn send(
    engine: &mut Engine,
    now: Instant,
    room: &RoomId,
    peer: &PeerId,
    kind: TrackKind,
    packet: MediaPacket,
) -> Result<(), CommandError> {
    let (room, key, worker) = engine.endpoint(room, peer)?;
    let codec = if kind == TrackKind::Audio { Codec::Opus } else { Codec::Vp8 };
    let read = PayloadFacts::read(codec, &packet.payload);
    let facts = PacketFacts {
        sequence: packet.sequence,
        timestamp: packet.timestamp,
        marker: packet.marker,
        codec,
        keyframe_start: read.keyframe_start,
        vp8: read.vp8,
        audio_level: None,
        received_at: now,
        captured_at: None,
    };
    let payload = packet.payload.into();
    room.packet_from(worker, now, key, &packet.track, packet.variant, Packet { facts, payload });
    Ok(())
}

/// Takes what a packet-only endpoint has got.
pub fn received(engine: &mut Engine, room: &RoomId, peer: &PeerId) -> Result<Vec<MediaPacket>, CommandError> {
    let (room, key, _) = engine.endpoint(room, peer)?;
    let packets = room.packets(key).ok_or(CommandError::PeerNotFound)?;
    let convert = |(track, variant, packet): (TrackId, Variant, Packet)| MediaPacket {
        track,
        variant,
        sequence: packet.facts.sequence,
        timestamp: packet.facts.timestamp,
        marker: packet.facts.marker,
        payload: packet.payload.to_vec(),
    };
    Ok(packets.received.drain(..).map(convert).collect())
}

/// Takes the keyframes that subscribers of a packet-only endpoint's tracks want.
pub fn wanted_keyframes(engine: &mut Engine, room: &RoomId, peer: &PeerId) -> Result<Vec<(TrackId, Variant)>, CommandError> {
    let (room, key, _) = engine.endpoint(room, peer)?;
    let packets = room.packets(key).ok_or(CommandError::PeerNotFound)?;
    Ok(std::mem::take(&mut packets.wanted))
}
