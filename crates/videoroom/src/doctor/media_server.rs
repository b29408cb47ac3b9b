//! Whether a media server elsewhere can be used.

use super::Finding;

/// Name of the check.
const SUBJECT: &str = "media server";

/// What asking it for its health showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is well, and says under which address browsers reach it.
    Well {
        /// As it says.
        public_url: Option<String>,
    },
    /// It does not accept the token.
    Refused,
    /// It answers that it cannot serve now, and why.
    Unwell(String),
    /// Something else answers.
    Stranger(String),
    /// Nothing answers.
    Silent(String),
}

/// A configured media server.
#[derive(Clone, Debug)]
pub(super) struct MediaServerFacts {
    /// Its configured address.
    pub(super) url: String,
    pub(super) answer: Answer,
    /// The page is served over HTTPS.
    pub(super) https_page: bool,
}

pub(super) fn check(facts: &MediaServerFacts) -> Finding {
    let url = &facts.url;
    match &facts.answer {
        Answer::Well { public_url } => {
            let browsers = public_url.as_ref().unwrap_or(url);
            if facts.https_page && browsers.starts_with("http://") {
                let says = format!("{url} answers, but browsers do not connect to {browsers} from an HTTPS page");
                return Finding::problem(SUBJECT, says, "give the media server HTTPS, and name its address there with --public-url");
            }
            Finding::good(SUBJECT, format!("{url} answers and accepts the token"))
        }
        Answer::Refused => Finding::problem(
            SUBJECT,
            format!("{url} does not accept the token"),
            "give --media-server-token-file the token that the media server was started with, or the file api-token of its data directory",
        ),
        Answer::Unwell(why) => Finding::problem(SUBJECT, format!("{url} is not well: {why}"), "look into its log, and restart it"),
        Answer::Stranger(why) => {
            Finding::problem(SUBJECT, format!("what answers at {url} is no media server: {why}"), "correct --media-server")
        }
        Answer::Silent(why) => Finding::problem(
            SUBJECT,
            format!("{url} cannot be reached: {why}"),
            "start it, let this machine through its firewall, or correct --media-server",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn each_answer_has_its_cure() {
        let well = |public_url: Option<&str>| Answer::Well { public_url: public_url.map(str::to_owned) };
        for (url, answer, https_page, verdict, text) in [
            ("http://10.0.0.5:5002", well(None), false, Verdict::Good, "accepts the token"),
            ("http://10.0.0.5:5002", well(None), true, Verdict::Problem, "--public-url"),
            ("http://10.0.0.5:5002", well(Some("https://media.example.org")), true, Verdict::Good, "accepts"),
            ("https://media.example.org", well(None), true, Verdict::Good, "accepts"),
            ("https://media.example.org", Answer::Refused, true, Verdict::Problem, "--media-server-token-file"),
            ("https://media.example.org", Answer::Unwell("a worker hangs".into()), true, Verdict::Problem, "a worker hangs"),
            ("https://media.example.org", Answer::Stranger("no JSON".into()), true, Verdict::Problem, "correct --media-server"),
            ("https://media.example.org", Answer::Silent("timed out".into()), true, Verdict::Problem, "firewall"),
        ] {
            let finding = check(&MediaServerFacts { url: url.into(), answer, https_page });
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.says.contains(url), "{finding:?}");
            assert!(finding.says.contains(text) || finding.cure.contains(text), "{finding:?}");
        }
    }
}
