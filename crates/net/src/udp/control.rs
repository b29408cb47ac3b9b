//! Control messages of a datagram (`cmsg(3)`): local address, GSO and GRO segment size.

use std::mem::offset_of;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const ALIGN: usize = size_of::<usize>();
const HEADER: usize = size_of::<libc::cmsghdr>().next_multiple_of(ALIGN);
const LEVEL: usize = offset_of!(libc::cmsghdr, cmsg_level);
const TYPE: usize = offset_of!(libc::cmsghdr, cmsg_type);

/// Room for all control messages of one message, either way.
pub(super) const CAPACITY: usize = 128;

/// The control messages of one message.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(8))]
pub(super) struct Control(pub(super) [u8; CAPACITY]);

/// What the kernel said about a received message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Received {
    /// The address the message was sent to.
    pub(super) local: Option<IpAddr>,
    /// Size of each datagram in the message but the last, in bytes; none when the message is one datagram.
    pub(super) segment: Option<usize>,
}

impl Control {
    pub(super) const EMPTY: Self = Self([0; CAPACITY]);

    /// Writes what the kernel needs to send a message: the source address unless it is the unspecified one, and the
    /// segment size when the message shall be cut. Returns how many bytes count.
    pub(super) fn encode(&mut self, local: SocketAddr, segment: Option<u16>) -> usize {
        let mut end = 0;
        match local {
            SocketAddr::V4(v4) if !v4.ip().is_unspecified() => {
                let mut info = [0; size_of::<libc::in_pktinfo>()];
                info[4..8].copy_from_slice(&v4.ip().octets());
                end = self.put(end, libc::IPPROTO_IP, libc::IP_PKTINFO, &info);
            }
            SocketAddr::V6(v6) if !v6.ip().is_unspecified() => {
                let mut info = [0; size_of::<libc::in6_pktinfo>()];
                info[..16].copy_from_slice(&v6.ip().octets());
                info[16..20].copy_from_slice(&v6.scope_id().to_ne_bytes());
                end = self.put(end, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &info);
            }
            SocketAddr::V4(_) | SocketAddr::V6(_) => {}
        }
        if let Some(segment) = segment {
            end = self.put(end, libc::IPPROTO_UDP, libc::UDP_SEGMENT, &segment.to_ne_bytes());
        }
        end
    }

    fn put(&mut self, at: usize, level: libc::c_int, kind: libc::c_int, data: &[u8]) -> usize {
        let length = HEADER + data.len();
        let end = at + length.next_multiple_of(ALIGN);
        let message = &mut self.0[at..end];
        message.fill(0);
        message[..ALIGN].copy_from_slice(&length.to_ne_bytes());
        message[LEVEL..LEVEL + 4].copy_from_slice(&level.to_ne_bytes());
        message[TYPE..TYPE + 4].copy_from_slice(&kind.to_ne_bytes());
        message[HEADER..length].copy_from_slice(data);
        end
    }

    /// Reads what came with a received message, of which `length` bytes count.
    pub(super) fn decode(&self, length: usize) -> Received {
        let mut received = Received::default();
        let mut rest = &self.0[..length.min(CAPACITY)];
        while let Some((level, kind, data, next)) = split(rest) {
            match (level, kind) {
                (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                    received.local = data.get(4..8).and_then(|ip| <[u8; 4]>::try_from(ip).ok()).map(|ip| Ipv4Addr::from(ip).into());
                }
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                    received.local =
                        data.get(..16).and_then(|ip| <[u8; 16]>::try_from(ip).ok()).map(|ip| Ipv6Addr::from(ip).to_canonical());
                }
                (libc::IPPROTO_UDP, libc::UDP_GRO) => {
                    let size = data.get(..4).and_then(|size| <[u8; 4]>::try_from(size).ok()).map(i32::from_ne_bytes);
                    received.segment = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
                }
                _ => {}
            }
            rest = next;
        }
        received
    }
}

/// Cuts the first control message off: level, type, data, and what follows.
fn split(bytes: &[u8]) -> Option<(libc::c_int, libc::c_int, &[u8], &[u8])> {
    let number = |at: usize| bytes.get(at..at + 4).and_then(|raw| raw.try_into().ok()).map(i32::from_ne_bytes);
    let length = usize::from_ne_bytes(bytes.get(..ALIGN)?.try_into().ok()?);
    let data = bytes.get(HEADER..length)?;
    let next = bytes.get(length.next_multiple_of(ALIGN)..).unwrap_or(&[]);
    Some((number(LEVEL)?, number(TYPE)?, data, next))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn the_source_address_reads_back() {
        let mut control = Control::EMPTY;
        // The kernel reports the destination in the third word where the sender names the source in the second.
        let length = control.encode("127.0.0.2:1".parse().unwrap(), None);
        assert_eq!(control.decode(length).local, Some("127.0.0.2".parse().unwrap()));
        let length = control.encode("[2001:db8::9]:1".parse().unwrap(), Some(1200));
        assert_eq!(control.decode(length), Received { local: Some("2001:db8::9".parse().unwrap()), segment: None });
    }

    #[test]
    fn the_segment_size_reads_back() {
        let mut control = Control::EMPTY;
        let length = control.put(0, libc::IPPROTO_UDP, libc::UDP_GRO, &1150_i32.to_ne_bytes());
        assert_eq!(control.decode(length), Received { local: None, segment: Some(1150) });
    }

    #[test]
    fn an_unspecified_source_is_left_to_the_kernel() {
        let mut control = Control::EMPTY;
        assert_eq!(control.encode("0.0.0.0:1".parse().unwrap(), None), 0);
    }

    #[test]
    fn truncated_control_data_is_ignored() {
        let mut control = Control::EMPTY;
        let length = control.encode("127.0.0.2:1".parse().unwrap(), None);
        for short in 0..length - 4 {
            assert_eq!(control.decode(short), Received::default(), "{short} bytes");
        }
    }
}
