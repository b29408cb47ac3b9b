#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

/// An offer with one camera; `more` are further lines of it.
fn offer(more: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:0\r\n\
         a=ice-ufrag:Ab3d\r\na=ice-pwd:x0y1z2x0y1z2x0y1z2x0y1z2\r\na=fingerprint:sha-256 AA:BB\r\na=rtpmap:96 VP8/90000\r\n\
         a=rtpmap:97 rtx/90000\r\n{more}"
    )
}

fn camera(more: &str) -> Line {
    Offer::parse(&offer(more)).unwrap().lines.remove(0)
}

#[test]
fn only_feedback_that_means_something_is_kept() {
    let line = camera("a=rtcp-fb:96 nack\r\na=rtcp-fb:* ccm fir\r\na=rtcp-fb:97 nack pli\r\na=rtcp-fb:96 goog-remb\r\n");
    let of = |payload: usize| FEEDBACK.map(|name| line.payloads[payload].has_feedback(name));
    assert_eq!((of(0), of(1)), ([true, true, false, false], [true, false, true, false]));
    assert!(!line.payloads[0].has_feedback("goog-remb"));
}

#[test]
fn limit_encodings_of_an_offer() {
    let declared: Vec<String> = (0..9).map(|rid| format!("a=rid:{rid} send\r\n")).collect();
    let rids = |list: &str| camera(&format!("{}a=simulcast:recv x send {list}\r\n", declared.concat())).rids;
    assert_eq!(rids("0;~1,4;2;undeclared"), ["0", "1", "2"]);
    assert_eq!(rids("0;1;2;3;4;5;6;7").len(), MAX_RIDS);
    assert_eq!(rids("0;1;2;3;4;5;6;7;8"), [""; 0]);
    assert_eq!(rids("0;1;0"), [""; 0], "no two encodings have one name");
}

#[test]
fn limit_attributes_of_an_offer() {
    let before = 6;
    Offer::parse(&offer(&"a=x\r\n".repeat(MAX_ATTRIBUTES - before))).unwrap();
    let error = Offer::parse(&offer(&"a=x\r\n".repeat(MAX_ATTRIBUTES - before + 1))).err();
    assert_eq!(error, Some(OfferError::TooLarge("too many attributes")));
    for (length, is_fine) in [(MAX_LINE_BYTES, true), (MAX_LINE_BYTES + 1, false)] {
        let line = format!("a={}\r\n", "x".repeat(length - 2));
        assert_eq!(Offer::parse(&offer(&line)).is_ok(), is_fine, "{length}");
    }
    let group = offer("").replace("BUNDLE 0", &format!("BUNDLE{}", " 0".repeat(MAX_LINES + 1)));
    assert_eq!(Offer::parse(&group).err(), Some(OfferError::TooLarge("too many media lines in its group")));
}

#[test]
fn limit_credentials_of_an_offer() {
    let long = |what: &str, length: usize| Offer::parse(&offer("").replace(what, &"a".repeat(length))).map(|_| ());
    for what in ["Ab3d", "x0y1z2x0y1z2x0y1z2x0y1z2", "sha-256 AA:BB"] {
        assert_eq!(long(what, 256), Ok(()), "{what}");
        assert_eq!(long(what, 257), Err(OfferError::Transport("its credentials are too long")), "{what}");
    }
}
