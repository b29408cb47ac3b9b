//! A published track and who gets it.

use std::time::{Duration, Instant};

use crate::egress::Stream;
use crate::event::{TrackInfo, TrackKind, Variant, VoiceActivity};
use crate::media::clock::SenderReport;
use crate::media::forward::Forwarder;
use crate::media::keyframe::KeyframeRequests;
use crate::media::packet::{Codec, Packet};
use crate::media::recent::Recent;
use crate::media::rewrite::Rewritten;
use crate::media::select::{self, Encoding};
use crate::media::voice::VoiceDetector;

/// How long a client that is connected already may take to apply an answer. Media that overtakes it is lost in browsers, the
/// keyframe first of all. Shorter: slow pages begin with a frozen picture; longer: everybody waits.
const ANSWER_GRACE: Duration = Duration::from_millis(100);

/// A published track.
pub(crate) struct Track {
    /// Key of the endpoint that publishes it.
    pub(crate) owner: usize,
    /// Its media line, when a WebRTC peer publishes it.
    pub(crate) line: usize,
    pub(crate) info: TrackInfo,
    /// Stream that it shares with those tracks of its owner that are to be played in step with it.
    pub(crate) shared_stream: Option<String>,
    pub(crate) encodings: Vec<Encoding>,
    /// The encoding that is forwarded.
    pub(crate) selected: Option<Variant>,
    /// The newest sender report of each encoding.
    pub(crate) reports: Vec<(Variant, SenderReport)>,
    pub(crate) requests: KeyframeRequests,
    /// The newest packets of each encoding; empty for audio.
    pub(crate) recent: Vec<(Variant, Recent)>,
    pub(crate) voice: VoiceDetector,
    pub(crate) subscriptions: Vec<Subscription>,
    /// When the next of them starts.
    next_start: Option<Instant>,
}

/// A track on its way to one WebRTC peer.
pub(crate) struct Subscription {
    /// Key of the subscriber.
    pub(crate) endpoint: usize,
    pub(crate) stream: Stream,
    pub(crate) forwarder: Forwarder,
    /// Nothing is sent before.
    starts_at: Option<Instant>,
}

impl Subscription {
    /// A subscription that has sent nothing. One to a connected client waits until it has applied the answer.
    pub(crate) fn new(endpoint: usize, stream: Stream, forwarder: Forwarder, answered_at: Option<Instant>) -> Self {
        Self { endpoint, stream, forwarder, starts_at: answered_at.map(|at| at + ANSWER_GRACE) }
    }

    /// A packet of the track that went out here, and how, if it is kept. `sequence`: the low 16 bits of its number here.
    pub(crate) fn sent<'a>(&self, track: &'a Track, sequence: u16) -> Option<(&'a Packet, Rewritten)> {
        let (variant, source, sequence) = self.forwarder.source_of(sequence)?;
        let packet = track.recent(variant)?.get(source, sequence)?;
        Some((packet, self.forwarder.repeat(packet)?))
    }

    /// Whether packets may be sent.
    pub(crate) fn has_started(&self) -> bool {
        self.starts_at.is_none()
    }
}

impl Track {
    pub(crate) fn new(owner: usize, line: usize, info: TrackInfo) -> Self {
        let variants: &[Variant] = if info.variants.is_empty() { &[Variant::High] } else { &info.variants };
        let encodings: Vec<_> = variants.iter().map(|variant| Encoding::new(*variant)).collect();
        Self {
            owner,
            line,
            // Until packets show what flows, the best one is expected.
            selected: variants.iter().max().copied(),
            encodings,
            reports: Vec::new(),
            requests: KeyframeRequests::default(),
            recent: if info.kind == TrackKind::Video {
                variants.iter().map(|variant| (*variant, Recent::default())).collect()
            } else {
                Vec::new()
            },
            voice: VoiceDetector::default(),
            subscriptions: Vec::new(),
            next_start: None,
            shared_stream: None,
            info,
        }
    }

    pub(crate) fn encoding(&mut self, variant: Variant) -> Option<&mut Encoding> {
        self.encodings.iter_mut().find(|encoding| encoding.variant == variant)
    }

    /// The newest packets of an encoding.
    pub(crate) fn recent(&self, variant: Variant) -> Option<&Recent> {
        self.recent.iter().find(|(of, _)| *of == variant).map(|(_, recent)| recent)
    }

    pub(crate) fn is_speaking(&self) -> bool {
        self.voice.activity() == VoiceActivity::Speech
    }

    pub(crate) fn report(&self, variant: Variant) -> Option<&SenderReport> {
        self.reports.iter().find(|(of, _)| *of == variant).map(|(_, report)| report)
    }

    pub(crate) fn set_report(&mut self, variant: Variant, report: SenderReport) {
        match self.reports.iter_mut().find(|(of, _)| *of == variant) {
            Some((_, known)) => *known = report,
            None => self.reports.push((variant, report)),
        }
    }

    pub(crate) fn subscribe(&mut self, subscription: Subscription) {
        self.subscriptions.push(subscription);
        self.next_start = self.subscriptions.iter().filter_map(|subscription| subscription.starts_at).min();
    }

    /// An endpoint gets it no more. Its publisher is asked for nothing that nobody gets.
    pub(crate) fn unsubscribe(&mut self, endpoint: usize) {
        self.subscriptions.retain(|subscription| subscription.endpoint != endpoint);
        if self.subscriptions.is_empty()
            && let Some(variant) = self.selected
        {
            self.requests.give_up(&(self.info.id.clone(), variant));
        }
    }

    /// Starts the subscriptions whose time has come, with a keyframe.
    pub(crate) fn start_subscriptions(&mut self, now: Instant) {
        if self.next_start.is_none_or(|at| at > now) {
            return;
        }
        let due = |subscription: &&mut Subscription| subscription.starts_at.is_some_and(|at| at <= now);
        let mut started = false;
        for subscription in self.subscriptions.iter_mut().filter(due) {
            subscription.starts_at = None;
            started = true;
        }
        self.next_start = self.subscriptions.iter().filter_map(|subscription| subscription.starts_at).min();
        if started {
            self.want_keyframe(now);
        }
    }

    /// Whether an endpoint gets it, or will.
    pub(crate) fn is_sent_to(&self, endpoint: usize) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.endpoint == endpoint)
    }

    /// Somebody needs a keyframe of the forwarded encoding. Without subscribers nobody does.
    pub(crate) fn want_keyframe(&mut self, now: Instant) {
        if self.info.kind == TrackKind::Video
            && !self.subscriptions.is_empty()
            && let Some(variant) = self.selected
        {
            self.requests.request(&(self.info.id.clone(), variant), now);
        }
    }

    /// Chooses the encoding again. A new one is asked for a keyframe, because subscribers can only change there.
    pub(crate) fn select(&mut self, now: Instant) {
        let selected = select::select(&self.encodings, self.selected, now);
        if selected == self.selected {
            return;
        }
        if let Some(old) = self.selected {
            self.requests.give_up(&(self.info.id.clone(), old));
        }
        self.selected = selected;
        for subscription in &mut self.subscriptions {
            subscription.forwarder.select(selected);
        }
        self.want_keyframe(now);
    }

    /// When something about this track is due without a packet.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        let several = self.encodings.len() > 1;
        let flowing = self.encodings.iter().filter(|encoding| several && encoding.is_active(now));
        let silent = flowing.filter_map(|encoding| encoding.last_packet).map(|last| last + select::INACTIVE_AFTER).min();
        [self.requests.deadline(), self.voice.deadline(), silent, self.next_start].into_iter().flatten().min()
    }
}

/// The codec of a track's packets.
pub(crate) fn codec_of(kind: TrackKind, video: Codec) -> Codec {
    match kind {
        TrackKind::Audio => Codec::Opus,
        TrackKind::Video => video,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Metadata;
    use crate::media::rewrite::Start;

    #[test]
    fn a_publisher_is_asked_for_nothing_that_nobody_gets() {
        let (id, metadata) = ("a:camera".into(), Metadata::default());
        let info = TrackInfo { id, kind: TrackKind::Video, metadata, variants: Vec::new(), disabled_variants: Vec::new() };
        let mut track = Track::new(0, 0, info);
        let forwarder = Forwarder::new(Codec::Vp8, Start { sequence: 0, timestamp: 0 });
        track.subscribe(Subscription::new(7, Stream { line: 0, ssrc: 1 }, forwarder, None));
        let now = Instant::now();
        track.want_keyframe(now);
        track.unsubscribe(8);
        assert_eq!(track.deadline(now), Some(now));
        track.unsubscribe(7);
        assert_eq!(track.deadline(now), None);
    }
}
