#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use super::*;
use crate::ids::{Mid, TrackId};
use crate::ingress::{self, Extension, Ids, Negotiated};
use crate::media::packet::Codec;
use crate::peer::consistency::{answered as places, check_payload_types, check_places};
use crate::peer::incoming::negotiated;
use crate::peer::lines::{Decide, Lines};
use crate::peer::offer::OfferError;
use crate::peer::transport::transport;

const VP8: Policy = Policy { video: VideoCodec::Vp8, simulcast: true };
const H264: Policy = Policy { video: VideoCodec::H264, simulcast: true };

/// Session part of a Chromium offer.
const CHROMIUM: &str = "v=0
o=- 4611731400430051336 3 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE {mids}
a=extmap-allow-mixed
a=msid-semantic: WMS
";

const CHROMIUM_TRANSPORT: &str = "c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2122260223 192.168.1.7 60000 typ host generation 0 network-id 1
a=candidate:2 1 udp 2122260223 4f1ab5a2-7c2e.local 60001 typ host generation 0
a=ice-ufrag:Ab3d
a=ice-pwd:x0y1z2x0y1z2x0y1z2x0y1z2
a=ice-options:trickle
a=fingerprint:sha-256 AA:BB:CC:DD
a=setup:actpass
";

const CHROMIUM_AUDIO: &str = "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
{transport}a=mid:{mid}
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a={direction}
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
";

const CHROMIUM_VIDEO: &str = "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 102 103 108 109 39 40 45 46 118 119 120
{transport}a=mid:{mid}
a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:13 urn:3gpp:video-orientation
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
a={direction}
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 VP9/90000
a=fmtp:98 profile-id=0
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
a=rtpmap:102 H264/90000
a=rtcp-fb:102 nack
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:108 H264/90000
a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
a=rtpmap:109 rtx/90000
a=fmtp:109 apt=108
a=rtpmap:39 H264/90000
a=rtcp-fb:39 nack pli
a=fmtp:39 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:40 rtx/90000
a=fmtp:40 apt=39
a=rtpmap:45 AV1/90000
a=rtpmap:46 rtx/90000
a=fmtp:46 apt=45
a=rtpmap:118 red/90000
a=rtpmap:119 rtx/90000
a=fmtp:119 apt=118
a=rtpmap:120 ulpfec/90000
";

const CHROMIUM_DATA: &str = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel
{transport}a=mid:{mid}
a=sctp-port:5000
a=max-message-size:262144
";

/// A Firefox offer: transport at session level, bundled lines with port 0, SSRCs everywhere, directions on extensions.
const FIREFOX: &str = "v=0
o=mozilla...THIS_IS_SDPARTA-99.0 3812345678901234567 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=fingerprint:sha-256 11:22:33:44
a=group:BUNDLE 0 1 2
a=ice-options:trickle
a=msid-semantic:WMS *
m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 0.0.0.0
a=sendonly
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=fmtp:101 0-15
a=ice-pwd:0123456789abcdef0123456789abcdef
a=ice-ufrag:77aa
a=mid:0
a=msid:{6d5f} {9b1c}
a=rtcp-mux
a=rtpmap:109 opus/48000/2
a=rtpmap:9 G722/8000/1
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000/1
a=setup:actpass
a=ssrc:1001 cname:{c}
m=video 0 UDP/TLS/RTP/SAVPF 120 124 121 125 99 100 123 122 119
c=IN IP4 0.0.0.0
a=bundle-only
a=sendonly
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:8/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=extmap:9/sendonly urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
a=fmtp:120 max-fs=12288;max-fr=60
a=fmtp:124 apt=120
a=fmtp:121 max-fs=12288;max-fr=60
a=fmtp:125 apt=121
a=fmtp:100 apt=99
a=fmtp:119 apt=122
a=ice-pwd:0123456789abcdef0123456789abcdef
a=ice-ufrag:77aa
a=mid:1
a=msid:{6d5f} {aa01}
a=rid:l send
a=rid:m send
a=rid:h send
a=rtcp-fb:120 nack
a=rtcp-fb:120 nack pli
a=rtcp-fb:120 ccm fir
a=rtcp-fb:120 goog-remb
a=rtcp-fb:120 transport-cc
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:120 VP8/90000
a=rtpmap:124 rtx/90000
a=rtpmap:121 VP9/90000
a=rtpmap:125 rtx/90000
a=rtpmap:99 AV1/90000
a=rtpmap:100 rtx/90000
a=rtpmap:123 ulpfec/90000
a=rtpmap:122 red/90000
a=rtpmap:119 rtx/90000
a=setup:actpass
a=simulcast:send l;m;h
a=ssrc:2001 cname:{c}
a=ssrc:2002 cname:{c}
a=ssrc-group:FID 2001 2002
m=audio 0 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 0.0.0.0
a=bundle-only
a=recvonly
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=ice-pwd:0123456789abcdef0123456789abcdef
a=ice-ufrag:77aa
a=mid:2
a=rtcp-mux
a=rtpmap:109 opus/48000/2
a=setup:actpass
a=ssrc:3001 cname:{c}
";

/// A Chromium offer of these lines: `(template, direction, extra attributes)`, mids counted from 0.
fn chromium(lines: &[(&str, &str, &str)]) -> String {
    let mids: Vec<String> = (0..lines.len()).map(|mid| mid.to_string()).collect();
    let mut sdp = CHROMIUM.replace("{mids}", &mids.join(" "));
    for (mid, (template, direction, extra)) in lines.iter().enumerate() {
        let line = template.replace("{transport}", CHROMIUM_TRANSPORT).replace("{mid}", &mid.to_string());
        sdp.push_str(&line.replace("{direction}", direction));
        sdp.push_str(extra);
    }
    sdp.replace('\n', "\r\n")
}

/// Offered H.264 payloads and the one to choose.
type PayloadCase<'a> = (&'a [(u8, &'a str)], Option<u8>);
/// An offer and what its error has to look like.
type ErrorCase = (String, fn(&OfferError) -> bool);

/// Accepts every track; streams count from 1.
struct Everything(u32);

impl Decide for Everything {
    fn accepts(&mut self, _: &Line, track: &TrackId) -> bool {
        track.as_str().starts_with("me:")
    }

    fn outgoing(&mut self, _: &TrackId) -> Outgoing {
        self.0 += 1;
        Outgoing { ssrc: 1000 + self.0, repair_ssrc: 2000 + self.0, repair_sequence: 7, stream: format!("s{}", self.0) }
    }
}

/// An answer, taken apart.
struct Text {
    transport: String,
    negotiated: Negotiated,
    payload_types: Result<(), OfferError>,
    answer: String,
    map: BTreeMap<Mid, TrackId>,
}

impl Text {
    fn new(sdp: &str, policy: Policy, own: &[(&str, &str)], waiting: &[(&str, TrackKind)]) -> Self {
        let offer = Offer::parse(sdp).unwrap();
        let own = own.iter().map(|(mid, track)| (Mid::from(*mid), TrackId::from(*track))).collect();
        let waiting: Vec<_> = waiting.iter().map(|(id, kind)| (TrackId::from(*id), *kind)).collect();
        let planned = Lines::default().plan(&offer, policy, &own, &waiting, &mut Everything(0));
        let candidates = ["203.0.113.9:50000".parse().unwrap(), "[2001:db8::9]:50000".parse().unwrap()];
        let local = Local {
            session_id: 42,
            version: 3,
            ufrag: "ourUfrag",
            password: "ourPassword0123456789ab",
            fingerprint: "sha-256 0A:0B",
            candidates: &candidates,
        };
        Self {
            transport: transport(&offer, &planned.plans),
            negotiated: negotiated(&offer, &planned.plans, policy),
            payload_types: check_payload_types(&offer, &planned.plans, policy),
            answer: answer(&offer, &planned.plans, policy, &local),
            map: planned.mid_to_track(&offer),
        }
    }

    /// The session part and the media parts.
    fn parts(text: &str) -> Vec<Vec<&str>> {
        let mut parts = vec![Vec::new()];
        for line in text.lines() {
            if line.starts_with("m=") {
                parts.push(Vec::new());
            }
            parts.last_mut().unwrap().push(line);
        }
        parts
    }

    fn session(&self) -> Vec<&str> {
        Self::parts(&self.answer).swap_remove(0)
    }

    /// Lines of the answer for a media line.
    fn line(&self, index: usize) -> Vec<&str> {
        Self::parts(&self.answer).swap_remove(index + 1)
    }

    fn has(&self, index: usize, line: &str) -> bool {
        self.line(index).contains(&line)
    }

    fn directions(&self) -> Vec<String> {
        let directions = ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"];
        let of = |part: &Vec<&str>| part.iter().filter(|line| directions.contains(line)).map(|line| line[2..].to_owned()).collect();
        Self::parts(&self.answer)[1..].iter().map(of).map(|found: Vec<String>| found.join("!")).collect()
    }
}

#[test]
fn chromium_two_own_tracks_and_two_delivered_ones() {
    let fid = "a=ssrc-group:FID 11 12\na=ssrc:11 cname:x\na=ssrc:12 cname:x\n";
    let lines = [
        (CHROMIUM_AUDIO, "sendonly", "a=msid:x y\na=ssrc:10 cname:x\n"),
        (CHROMIUM_VIDEO, "recvonly", ""),
        (CHROMIUM_AUDIO, "recvonly", ""),
        (CHROMIUM_VIDEO, "sendonly", fid),
        (CHROMIUM_VIDEO, "recvonly", ""),
    ];
    let waiting = [("b:a", TrackKind::Audio), ("b:v", TrackKind::Video)];
    let text = Text::new(&chromium(&lines), VP8, &[("0", "me:a"), ("3", "me:v")], &waiting);

    assert_eq!(text.directions(), ["recvonly", "sendonly", "sendonly", "recvonly", "inactive"]);
    let map: Vec<_> = text.map.iter().map(|(mid, track)| format!("{mid}={track}")).collect();
    assert_eq!(map, ["0=me:a", "1=b:v", "2=b:a", "3=me:v"]);
    for line in ["o=- 42 3 IN IP4 127.0.0.1", "a=ice-lite", "a=group:BUNDLE 0 1 2 3 4", "a=extmap-allow-mixed"] {
        assert!(text.session().contains(&line), "{line}");
    }
    for (index, mid) in ["0", "1", "2", "3", "4"].iter().enumerate() {
        for line in ["a=setup:passive", "a=ice-ufrag:ourUfrag", "a=ice-pwd:ourPassword0123456789ab", "a=rtcp-mux", "a=rtcp-rsize"] {
            assert!(text.has(index, line), "{mid}: {line}");
        }
        assert!(text.has(index, &format!("a=mid:{mid}")) && text.has(index, "a=fingerprint:sha-256 0A:0B"));
    }
    assert_eq!(text.line(0)[0], "m=audio 9 UDP/TLS/RTP/SAVPF 111");
    assert_eq!(text.line(3)[0], "m=video 9 UDP/TLS/RTP/SAVPF 96 97");
    assert!(text.has(0, "a=fmtp:111 minptime=10;useinbandfec=1") && text.has(3, "a=fmtp:97 apt=96"));
    assert!(text.has(1, "a=msid:s2 s2-1002") && text.has(2, "a=msid:s1 s1-1001"));
    assert!(text.has(1, "a=ssrc-group:FID 1002 2002") && text.has(1, "a=ssrc:1002 cname:s2") && text.has(1, "a=ssrc:2002 cname:s2"));
    assert!(text.has(2, "a=ssrc:1001 cname:s1") && !text.answer.contains("2001 cname"));
    for (index, expected) in [(0, true), (3, true), (1, false), (2, false)] {
        assert_eq!(text.line(index).iter().any(|line| line.ends_with("transport-cc")), expected, "line {index}");
    }
    for line in ["a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 ccm fir"] {
        assert!(text.has(1, line) && text.has(3, line), "{line}");
    }
    assert!(!text.answer.contains("goog-remb") && !text.answer.contains("abs-send-time") && !text.answer.contains("orientation"));
}

#[test]
fn candidates_are_told_once() {
    let text = Text::new(&chromium(&[(CHROMIUM_AUDIO, "recvonly", ""), (CHROMIUM_VIDEO, "recvonly", "")]), VP8, &[], &[]);
    let candidates = |part: Vec<&str>| part.iter().filter(|line| line.contains("candidate")).map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        candidates(text.line(0)),
        [
            "a=candidate:1 1 udp 2130706431 203.0.113.9 50000 typ host",
            "a=candidate:2 1 udp 2130706175 2001:db8::9 50000 typ host",
            "a=end-of-candidates",
        ]
    );
    assert!(candidates(text.line(1)).is_empty());
}

#[test]
fn the_library_sees_the_transport_and_the_receiving_side_what_is_received() {
    let fid = "a=ssrc-group:FID 11 12\na=ssrc:11 cname:x\n";
    let lines = [(CHROMIUM_VIDEO, "recvonly", ""), (CHROMIUM_VIDEO, "sendonly", fid), (CHROMIUM_AUDIO, "sendonly", "")];
    let text = Text::new(&chromium(&lines), VP8, &[("1", "me:v")], &[("other:v", TrackKind::Video)]);
    let expected = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE a\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-mux\r\na=inactive\r\na=mid:a\r\n\
        a=ice-ufrag:Ab3d\r\na=ice-pwd:x0y1z2x0y1z2x0y1z2x0y1z2\r\na=fingerprint:sha-256 AA:BB:CC:DD\r\na=setup:actpass\r\n";
    assert_eq!(text.transport, expected);
    let camera = ingress::Line {
        index: 1,
        mid: "1".into(),
        codec: Codec::Vp8,
        payload_type: 96,
        repair: Some(97),
        has_nack: true,
        encodings: Vec::new(),
        ssrcs: Some((11, Some(12))),
    };
    let mut ids = Ids::default();
    let known = [(3, Extension::TransportSequence), (4, Extension::Mid), (10, Extension::Rid), (11, Extension::RepairedRid)];
    for (id, extension) in known {
        ids.insert(id, extension);
    }
    let expected = Negotiated { lines: vec![camera], ids, reduced_size: true, transport_feedback: true };
    assert_eq!(text.negotiated, expected);
}

#[test]
fn a_payload_type_means_the_same_on_all_lines_in_use() {
    let offer = chromium(&[(CHROMIUM_AUDIO, "sendonly", ""), (CHROMIUM_VIDEO, "sendonly", "")]);
    let (both, audio) = ([("0", "me:a"), ("1", "me:v")], [("0", "me:a")]);
    assert_eq!(Text::new(&offer, VP8, &both, &[]).payload_types, Ok(()));
    let refused = Err(OfferError::Refused("one payload type for two codecs".into()));
    let video = |from: &str, to: &str| {
        let (before, after) = offer.split_at(offer.find("m=video").unwrap());
        before.to_owned() + &after.replace(from, to)
    };
    let media = video("rtpmap:96 ", "rtpmap:111 ").replace("SAVPF 96 ", "SAVPF 111 ");
    let repair = video("rtpmap:97 ", "rtpmap:111 ").replace("fmtp:97 ", "fmtp:111 ").replace("SAVPF 96 97", "SAVPF 96 111");
    for sdp in [media, repair] {
        assert_eq!(Text::new(&sdp, VP8, &both, &[]).payload_types, refused, "{sdp}");
        assert_eq!(Text::new(&sdp, VP8, &audio, &[]).payload_types, Ok(()), "nothing flows on the other line");
    }
}

#[test]
fn lines_keep_their_places_and_only_rejected_ones_give_way() {
    let (audio, video) = ((CHROMIUM_AUDIO, "sendonly", ""), (CHROMIUM_VIDEO, "inactive", ""));
    let first = chromium(&[audio, video]).replacen("m=video 9", "m=video 0", 1).replace("BUNDLE 0 1", "BUNDLE 0");
    let offer = Offer::parse(&first).unwrap();
    let known = places(&offer, &[Plan::Receive, Plan::Reject]);
    let check = |sdp: &str| check_places(&Offer::parse(sdp).unwrap(), &known).is_ok();
    let whole = chromium(&[audio, video]);
    let table = [
        ("the same", first.clone(), true),
        ("one more", chromium(&[audio, video, audio]), true),
        ("a rejected one is used again", whole.clone(), true),
        ("a rejected one is replaced", whole.replace("mid:1", "mid:7").replace("BUNDLE 0 1", "BUNDLE 0 7"), true),
        ("another one is replaced", whole.replace("mid:0", "mid:7").replace("BUNDLE 0 1", "BUNDLE 7 1"), false),
        ("one is gone", chromium(&[audio]), false),
        ("another kind", chromium(&[video, audio]), false),
        ("they change places", whole.replace("mid:0", "mid:x").replace("mid:1", "mid:0").replace("mid:x", "mid:1"), false),
    ];
    for (what, sdp, expected) in table {
        assert_eq!(check(&sdp), expected, "{what}");
    }
}

#[test]
fn firefox_lines_with_port_zero_are_accepted() {
    let text = Text::new(FIREFOX, VP8, &[("0", "me:a"), ("1", "me:v")], &[("b:a", TrackKind::Audio)]);
    assert_eq!(text.directions(), ["recvonly", "recvonly", "sendonly"]);
    assert!(text.session().contains(&"a=group:BUNDLE 0 1 2"));
    assert_eq!(text.line(0)[0], "m=audio 9 UDP/TLS/RTP/SAVPF 109");
    assert_eq!(text.line(1)[0], "m=video 9 UDP/TLS/RTP/SAVPF 120 124");
    assert!(text.has(1, "a=fmtp:120 max-fs=12288;max-fr=60") && text.has(1, "a=fmtp:124 apt=120"));
    assert!(text.has(1, "a=extmap:8/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"));
    assert!(text.has(1, "a=simulcast:recv l;m;h") && text.has(1, "a=rid:h recv"));
    assert!(!text.session().contains(&"a=extmap-allow-mixed"));
    // The SSRCs of a simulcast line mean nothing.
    let received: Vec<_> = text.negotiated.lines.iter().map(|line| (line.index, line.ssrcs, line.encodings.len())).collect();
    assert_eq!(received, [(0, Some((1001, None)), 0), (1, None, 3)]);
    assert!(text.transport.contains("a=fingerprint:sha-256 11:22:33:44"));
}

#[test]
fn simulcast_echoes_all_rids_without_pause_marks() {
    let rids = "a=rid:l send\na=rid:m send\na=rid:h send\na=simulcast:send l;m;h\n";
    let paused = "a=rid:l send\na=rid:m send\na=rid:h send\na=simulcast:send l;m;~h\n";
    let strange = "a=rid:l send\na=rid:q send\na=simulcast:send l;q\n";
    let cases = [
        (rids, VP8, Some("l;m;h")),
        (paused, VP8, Some("l;m;h")),
        (rids, Policy { simulcast: false, ..VP8 }, None),
        (strange, VP8, None),
        ("", VP8, None),
    ];
    for (extra, policy, expected) in cases {
        let text = Text::new(&chromium(&[(CHROMIUM_VIDEO, "sendonly", extra)]), policy, &[("0", "me:v")], &[]);
        assert_eq!(text.directions(), ["recvonly"]);
        if let Some(rids) = expected {
            assert!(text.has(0, &format!("a=simulcast:recv {rids}")), "{extra}");
            assert_eq!(text.negotiated.lines[0].encodings, [Variant::Low, Variant::Medium, Variant::High], "{extra}");
            assert!(["l", "m", "h"].iter().all(|rid| text.has(0, &format!("a=rid:{rid} recv"))));
        } else {
            assert!(!text.answer.contains("a=rid") && !text.answer.contains("simulcast"), "{extra}");
            assert_eq!(text.negotiated.lines[0].encodings, [], "{extra}");
        }
        assert!(!text.answer.contains('~'));
    }
}

#[test]
fn h264_means_constrained_baseline_with_mode_1_first() {
    let choose = |payloads: &[(u8, &str)]| {
        let maps = payloads.iter().map(|(number, fmtp)| format!("a=rtpmap:{number} H264/90000\na=fmtp:{number} {fmtp}\n"));
        let numbers: Vec<String> = payloads.iter().map(|(number, _)| number.to_string()).collect();
        let head = format!("m=video 9 UDP/TLS/RTP/SAVPF {}\n", numbers.join(" "));
        let line = head + "{transport}a=mid:{mid}\na={direction}\n" + &maps.collect::<String>();
        let offer = Offer::parse(&chromium(&[(&line, "recvonly", "")])).unwrap();
        H264.choose(&offer.lines[0]).map(|choice| choice.payload.number)
    };
    let cases: [PayloadCase<'_>; 8] = [
        (&[(100, "profile-level-id=42e01f;packetization-mode=1")], Some(100)),
        (&[(100, "profile-level-id=42e01f"), (101, "profile-level-id=42e01f;packetization-mode=1")], Some(101)),
        (&[(100, "profile-level-id=42e01f;packetization-mode=0")], Some(100)),
        (&[(100, "profile-level-id=42001f;packetization-mode=1")], None),
        (&[(100, "profile-level-id=640c1f"), (101, "PROFILE-LEVEL-ID=4D801E")], Some(101)),
        (&[(100, "profile-level-id=58c01f")], Some(100)),
        (&[(100, "packetization-mode=1")], None),
        (&[(100, "profile-level-id=zz;packetization-mode=1")], None),
    ];
    for (payloads, expected) in cases {
        assert_eq!(choose(payloads), expected, "{payloads:?}");
    }
}

#[test]
fn the_room_codec_decides() {
    let text = Text::new(&chromium(&[(CHROMIUM_VIDEO, "sendonly", "")]), H264, &[("0", "me:v")], &[]);
    assert_eq!(text.line(0)[0], "m=video 9 UDP/TLS/RTP/SAVPF 39 40");
    assert!(text.has(0, "a=fmtp:39 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"));
    // Feedback that was not offered for this codec is not invented.
    assert!(text.has(0, "a=rtcp-fb:39 nack pli") && !text.has(0, "a=rtcp-fb:39 nack"));
}

#[test]
fn lines_without_a_usable_codec_are_inactive_and_well_formed() {
    let text = Text::new(FIREFOX, H264, &[("0", "me:a"), ("1", "me:v")], &[]);
    assert_eq!(text.directions(), ["recvonly", "inactive", "inactive"]);
    assert_eq!(text.line(1)[0], "m=video 9 UDP/TLS/RTP/SAVPF 120");
    assert!(text.session().contains(&"a=group:BUNDLE 0 1 2"));
    assert!(!text.map.contains_key(&Mid::from("1")));
}

#[test]
fn refused_tracks_leave_an_inactive_line() {
    let lines = [(CHROMIUM_AUDIO, "sendonly", ""), (CHROMIUM_VIDEO, "sendonly", ""), (CHROMIUM_VIDEO, "sendonly", "")];
    // Not its own, not in the map, twice the same.
    let own = [("0", "you:a"), ("1", "me:v"), ("2", "me:v")];
    let text = Text::new(&chromium(&lines), VP8, &own, &[]);
    assert_eq!(text.directions(), ["inactive", "recvonly", "inactive"]);
    assert_eq!(text.map.len(), 1);
    let text = Text::new(&chromium(&lines), VP8, &[], &[]);
    assert_eq!(text.directions(), ["inactive"; 3]);
}

#[test]
fn directions_that_no_sdk_offers() {
    let lines = [(CHROMIUM_AUDIO, "sendrecv", ""), (CHROMIUM_VIDEO, "sendrecv", ""), (CHROMIUM_VIDEO, "inactive", "")];
    let text = Text::new(&chromium(&lines), VP8, &[("0", "me:a"), ("2", "me:v")], &[("b:v", TrackKind::Video)]);
    assert_eq!(text.directions(), ["recvonly", "inactive", "inactive"]);
}

#[test]
fn data_channels_are_accepted_anywhere() {
    for lines in [vec![(CHROMIUM_DATA, "", "")], vec![(CHROMIUM_AUDIO, "recvonly", ""), (CHROMIUM_DATA, "", "")]] {
        let text = Text::new(&chromium(&lines), VP8, &[], &[]);
        let index = lines.len() - 1;
        assert_eq!(text.line(index)[0], "m=application 9 UDP/DTLS/SCTP webrtc-datachannel");
        for line in ["a=sctp-port:5000", "a=max-message-size:262144", "a=setup:passive", "a=ice-ufrag:ourUfrag"] {
            assert!(text.has(index, line), "{line}");
        }
        assert!(text.answer.contains("candidate:1 1 udp"));
        assert!(text.transport.contains("BUNDLE a d") && text.transport.contains("m=application 9 UDP/DTLS/SCTP webrtc-datachannel"));
    }
}

#[test]
fn stopped_lines_are_rejected_and_not_bundled() {
    let sdp = chromium(&[(CHROMIUM_AUDIO, "sendonly", ""), (CHROMIUM_VIDEO, "inactive", ""), (CHROMIUM_VIDEO, "recvonly", "")]);
    let sdp = sdp.replacen("m=video 9", "m=video 0", 1).replace("BUNDLE 0 1 2", "BUNDLE 0 2");
    let text = Text::new(&sdp, VP8, &[("0", "me:a")], &[]);
    assert!(text.session().contains(&"a=group:BUNDLE 0 2"));
    assert_eq!(text.line(1)[..2], ["m=video 0 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0"]);
    assert!(text.has(1, "a=mid:1") && !text.line(1).iter().any(|line| line.contains("ufrag")));
}

#[test]
fn unknown_media_is_rejected() {
    let text_line = "m=text 9 UDP/TLS/RTP/SAVPF 98\n{transport}a=mid:{mid}\na=sendrecv\na=rtpmap:98 t140/1000\n";
    let text = Text::new(&chromium(&[(text_line, "", ""), (CHROMIUM_AUDIO, "recvonly", "")]), VP8, &[], &[]);
    assert_eq!(text.line(0)[0], "m=text 0 UDP/TLS/RTP/SAVPF 98");
    assert!(text.session().contains(&"a=group:BUNDLE 1"));
}

#[test]
fn extension_ids_beyond_one_byte_need_mixed_headers() {
    let extra = "a=extmap:15 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\na=extmap:17 urn:ietf:params:rtp-hdrext:sdes:mid\n";
    let line = CHROMIUM_AUDIO.to_owned() + extra;
    let with = chromium(&[(&line, "recvonly", "")]);
    let without = with.replace("a=extmap-allow-mixed\r\n", "");
    let text = Text::new(&with, VP8, &[], &[]);
    assert!(text.answer.contains("a=extmap:15 ") && !text.answer.contains("a=extmap:17 "));
    assert!(!Text::new(&without, VP8, &[], &[]).answer.contains("a=extmap:15 "));
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let good = chromium(&[(CHROMIUM_AUDIO, "sendonly", ""), (CHROMIUM_VIDEO, "recvonly", "")]);
    assert!(Offer::parse(&good).is_ok());
    let cases: [ErrorCase; 12] = [
        (String::new(), |e| matches!(e, OfferError::Malformed(_))),
        ("hello".into(), |e| matches!(e, OfferError::Malformed(_))),
        (chromium(&[]), |e| *e == OfferError::Empty),
        (good.replace("a=mid:1", "a=mid:0"), |e| matches!(e, OfferError::Malformed(_))),
        (good.replace("a=mid:1\r\n", ""), |e| matches!(e, OfferError::Malformed(_))),
        (good.replace("a=mid:1", "a=mid:a-very-long-mid-of-somebody"), |e| matches!(e, OfferError::Malformed(_))),
        (good.replace("rtpmap:63 red", "rtpmap:111 red"), |e| matches!(e, OfferError::Malformed(_))),
        (good.replace("SAVPF 111 63", "SAVPF 111 300"), |e| matches!(e, OfferError::Malformed(_))),
        (good.replace("a=ice-ufrag:Ab3d\r\n", ""), |e| matches!(e, OfferError::Transport(_))),
        (good.replace("a=fingerprint:sha-256 AA:BB:CC:DD\r\n", ""), |e| matches!(e, OfferError::Transport(_))),
        (good.replace("a=setup:actpass", "a=setup:passive"), |e| matches!(e, OfferError::Transport(_))),
        (good.replace("s=-", "s=-\u{0}"), |e| matches!(e, OfferError::Malformed(_))),
    ];
    for (sdp, expected) in cases {
        let error = Offer::parse(&sdp).err();
        assert!(error.as_ref().is_some_and(expected), "{error:?}\n{sdp}");
    }
    let many = vec![(CHROMIUM_AUDIO, "recvonly", ""); 513];
    assert!(matches!(Offer::parse(&chromium(&many)), Err(OfferError::TooLarge(_))));
}
