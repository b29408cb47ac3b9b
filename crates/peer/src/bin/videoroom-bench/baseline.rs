//! The floor: one thread that encrypts packets (AES-128-GCM, as SRTP does) and hands each to the kernel with `sendto`.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::server::thread_cpu;

/// Payload of a packet, in bytes.
pub(crate) const PAYLOAD: usize = 1150;
const HEADER: usize = 12;
const PACKETS: u32 = 200_000;

/// CPU time of the loop per packet.
pub(crate) struct Baseline {
    pub(crate) encrypt_and_send: Duration,
    pub(crate) encrypt: Duration,
}

pub(crate) fn measure() -> Result<Baseline> {
    let key = UnboundKey::new(&AES_128_GCM, &[7; 16]).map_err(|_| anyhow::anyhow!("the key is refused"))?;
    let key = LessSafeKey::new(key);
    let receiver = UdpSocket::bind("127.0.0.1:0")?;
    receiver.set_read_timeout(Some(Duration::from_millis(50)))?;
    let target = receiver.local_addr()?;
    let sender = UdpSocket::bind("127.0.0.1:0")?;
    let over = Arc::new(AtomicBool::new(false));
    let drained = std::thread::spawn({
        let over = Arc::clone(&over);
        move || {
            let mut buffer = [0; 2048];
            // Nobody counts: the reader only keeps the receive buffer from filling up.
            while !over.load(Ordering::Relaxed) {
                let _ = receiver.recv(&mut buffer);
            }
        }
    });
    let encrypt = run(&key, |_| Ok(()))?;
    let encrypt_and_send = run(&key, |packet| sender.send_to(packet, target).map(drop).context("sendto"))?;
    over.store(true, Ordering::Relaxed);
    drained.join().map_err(|_| anyhow::anyhow!("the reader panicked"))?;
    Ok(Baseline { encrypt_and_send, encrypt })
}

/// CPU time of this thread per packet.
fn run(key: &LessSafeKey, mut send: impl FnMut(&[u8]) -> Result<()>) -> Result<Duration> {
    let plain = [0x5a; PAYLOAD];
    let mut packet = Vec::with_capacity(HEADER + PAYLOAD + 16);
    let before = thread_cpu()?;
    for number in 0..PACKETS {
        packet.clear();
        packet.extend_from_slice(&[0x80; HEADER]);
        packet.extend_from_slice(&plain);
        let mut nonce = [0; 12];
        nonce[..4].copy_from_slice(&number.to_be_bytes());
        let (header, payload) = packet.split_at_mut(HEADER);
        let tag = key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&*header), payload)
            .map_err(|_| anyhow::anyhow!("sealing failed"))?;
        packet.extend_from_slice(tag.as_ref());
        send(&packet)?;
    }
    Ok(thread_cpu()?.saturating_sub(before) / PACKETS)
}
