//! What kind of datagram it is, from its first bytes (RFC 7983, RFC 5761).

/// Protocols that share the media port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// STUN (RFC 8489).
    Stun,
    /// DTLS (RFC 6347).
    Dtls,
    /// SRTP (RFC 3711).
    Rtp,
    /// SRTCP.
    Rtcp,
    /// TURN channel data (RFC 8656).
    TurnChannel,
    /// None of them, or too short to be what it claims to be.
    Malformed,
}

/// Classifies a datagram by its first octet (RFC 7983 section 7) and the smallest size of that protocol's header.
pub(crate) fn classify(datagram: &[u8]) -> Class {
    let Some(&first) = datagram.first() else { return Class::Malformed };
    let (class, smallest) = match first {
        0..=3 => (Class::Stun, 20),
        20..=63 => (Class::Dtls, 13),
        64..=79 => (Class::TurnChannel, 4),
        // RFC 5761 section 4: RTCP packet types occupy 192–223 of the second octet, marker bit included.
        128..=191 if matches!(datagram.get(1), Some(192..=223)) => (Class::Rtcp, 8),
        128..=191 => (Class::Rtp, 12),
        _ => return Class::Malformed,
    };
    if datagram.len() < smallest { Class::Malformed } else { class }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_octets() {
        let mut datagram = [0; 32];
        for (octets, expected) in [
            (0..=3, Class::Stun),
            (4..=19, Class::Malformed),
            (20..=63, Class::Dtls),
            (64..=79, Class::TurnChannel),
            (80..=127, Class::Malformed),
            (128..=191, Class::Rtp),
            (192..=255, Class::Malformed),
        ] {
            for octet in octets {
                datagram[0] = octet;
                assert_eq!(classify(&datagram), expected, "{octet}");
            }
        }
    }

    #[test]
    fn rtcp_shares_its_range_with_rtp() {
        let mut datagram = [0x80; 32];
        for (second, expected) in
            [(96, Class::Rtp), (191, Class::Rtp), (192, Class::Rtcp), (200, Class::Rtcp), (223, Class::Rtcp), (224, Class::Rtp)]
        {
            datagram[1] = second;
            assert_eq!(classify(&datagram), expected, "{second}");
        }
    }

    #[test]
    fn too_short_is_malformed() {
        for (datagram, smallest) in [([0; 32], 20), ([22; 32], 13), ([64; 32], 4), ([0x80; 32], 12), ([200; 32], 33)] {
            for length in 0..datagram.len() {
                assert_eq!(classify(&datagram[..length]) == Class::Malformed, length < smallest, "{} {length}", datagram[0]);
            }
        }
    }
}
