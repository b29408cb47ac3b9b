//! An offer and the connectivity checks that belong to it, made by hand, as a browser sends them.

use std::net::SocketAddr;

use aws_lc_rs::hmac;

/// What an answer says about reaching the server.
pub(crate) struct Answer {
    pub(crate) ufrag: String,
    password: String,
    pub(crate) candidates: Vec<SocketAddr>,
}

impl Answer {
    pub(crate) fn read(sdp: &str) -> Self {
        let value = |name: &str| sdp.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        let candidates = sdp.lines().filter(|line| line.starts_with("a=candidate:")).map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            SocketAddr::new(fields[4].parse().unwrap(), fields[5].parse().unwrap())
        });
        Self { candidates: candidates.collect(), ufrag: value("a=ice-ufrag:"), password: value("a=ice-pwd:") }
    }

    /// A connectivity check (RFC 8445 section 7.2.2).
    pub(crate) fn check(&self, transaction: u64) -> Vec<u8> {
        let mut attributes = Vec::new();
        attribute(&mut attributes, 0x0006, format!("{}:EsAw", self.ufrag).as_bytes());
        attribute(&mut attributes, 0x0024, &1_853_824_767_u32.to_be_bytes());
        attribute(&mut attributes, 0x802a, &7_u64.to_be_bytes());
        attribute(&mut attributes, 0x0025, &[]);
        let mut id = [0; 12];
        id[4..].copy_from_slice(&transaction.to_be_bytes());
        // The length covers the attribute that is being computed (RFC 8489 sections 14.5 and 14.7).
        let message = |attributes: &[u8], extra: usize| {
            let mut message = vec![0, 1];
            message.extend(((attributes.len() + extra) as u16).to_be_bytes());
            message.extend(0x2112_a442_u32.to_be_bytes());
            message.extend(id);
            message.extend(attributes);
            message
        };
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.password.as_bytes());
        let integrity = hmac::sign(&key, &message(&attributes, 24));
        attribute(&mut attributes, 0x0008, integrity.as_ref());
        let fingerprint = crc32(&message(&attributes, 8)) ^ 0x5354_554e;
        attribute(&mut attributes, 0x8028, &fingerprint.to_be_bytes());
        message(&attributes, 0)
    }
}

fn attribute(attributes: &mut Vec<u8>, kind: u16, value: &[u8]) {
    attributes.extend(kind.to_be_bytes());
    attributes.extend((value.len() as u16).to_be_bytes());
    attributes.extend(value);
    attributes.resize(attributes.len().next_multiple_of(4), 0);
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// An offer of one video track.
pub(crate) const OFFER: &str = "v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:EsAw
a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y
a=ice-options:trickle
a=fingerprint:sha-256 DA:7B:57:DC:28:CE:04:4F:31:79:85:C4:31:67:EB:27:58:29:ED:77:2A:0D:24:AE:ED:AD:30:BC:BD:F1:9C:02
a=setup:actpass
a=mid:0
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=msid:stream track
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=ssrc-group:FID 1111 2222
a=ssrc:1111 cname:cname
a=ssrc:2222 cname:cname
";
