//! The lines that a peer obeys.

use peer::TrackKind;

/// Said by `--help`.
pub(crate) const HELP: &str = "Commands, one a line:
  publish video|audio JSON   publish a made-up track with this metadata
  unpublish TRACK            withdraw it
  update JSON                change the peer's metadata
  update-track TRACK JSON    change a track's metadata
  leave                      close the socket and end
  vanish                     end without a word";

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Publish { kind: TrackKind, metadata: String },
    Unpublish { track: String },
    Update { metadata: String },
    UpdateTrack { track: String, metadata: String },
    Leave,
    Vanish,
}

impl Command {
    /// Reads a line; an error is a sentence.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let (name, rest) = word(line);
        let (first, second) = word(rest);
        match name {
            "publish" => {
                let kind = match first {
                    "video" => TrackKind::Video,
                    "audio" => TrackKind::Audio,
                    other => return Err(format!("cannot publish \"{other}\": write video or audio")),
                };
                Ok(Self::Publish { kind, metadata: second.to_owned() })
            }
            "unpublish" => Ok(Self::Unpublish { track: first.to_owned() }),
            "update" => Ok(Self::Update { metadata: rest.to_owned() }),
            "update-track" => Ok(Self::UpdateTrack { track: first.to_owned(), metadata: second.to_owned() }),
            "leave" => Ok(Self::Leave),
            "vanish" => Ok(Self::Vanish),
            other => Err(format!("unknown command \"{other}\": see --help")),
        }
    }
}

/// Bits per second of a made-up track.
pub(crate) fn bitrate(kind: TrackKind) -> u32 {
    match kind {
        TrackKind::Video => 300_000,
        TrackKind::Audio => 32_000,
    }
}

fn word(line: &str) -> (&str, &str) {
    let line = line.trim();
    line.split_once(' ').map_or((line, ""), |(first, rest)| (first, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_commands_or_sentences() {
        let publish = |kind, metadata: &str| Ok(Command::Publish { kind, metadata: metadata.to_owned() });
        assert_eq!(Command::parse(r#"publish video {"a": 1}"#), publish(TrackKind::Video, r#"{"a": 1}"#));
        assert_eq!(Command::parse("publish audio null\n"), publish(TrackKind::Audio, "null"));
        assert_eq!(Command::parse("unpublish p:1"), Ok(Command::Unpublish { track: "p:1".into() }));
        assert_eq!(Command::parse(r#"update {"a": "b c"}"#), Ok(Command::Update { metadata: r#"{"a": "b c"}"#.into() }));
        let update = Command::UpdateTrack { track: "p:1".into(), metadata: "[1, 2]".into() };
        assert_eq!(Command::parse("update-track p:1 [1, 2]"), Ok(update));
        assert_eq!(Command::parse("leave"), Ok(Command::Leave));
        for bad in ["", "publish smell {}", "dance"] {
            assert!(Command::parse(bad).is_err(), "{bad}");
        }
    }
}
