//! Why an authority gave no certificate, as a sentence with the cure.

use rustls_acme::OrderError;
use rustls_acme::acme::{AcmeError, Auth, Problem};

/// What the types of problems begin with (RFC 8555 section 6.7).
const PROBLEM: &str = "urn:ietf:params:acme:error:";

/// `directory`: the authority's address; `port`: that of our listener.
pub(super) fn explain(error: &OrderError, directory: &str, port: u16) -> String {
    match error {
        OrderError::BadAuth(auth) => refused(auth, port),
        OrderError::BadOrder(order) => order.error.as_ref().map_or_else(
            || "the authority gave the order up without a reason".to_owned(),
            |problem| problem_sentence(problem, "the name", port),
        ),
        OrderError::Acme(AcmeError::HttpRequest(error)) => {
            let text = error.to_string();
            match problem_word(&text) {
                Some("rateLimited") => {
                    format!("{directory} has seen too many orders or failures; try with --acme-staging until everything else works")
                }
                Some(word) => format!("{directory} refuses the order ({word}): {}", detail(&text)),
                None => format!(
                    "{directory} cannot be used ({text}); check this machine's way to it, or choose another one with --acme-directory"
                ),
            }
        }
        OrderError::Acme(error) => format!("{directory} does not answer as RFC 8555 says ({error}); see --acme-directory"),
        OrderError::TooManyAttemptsAuth(name) => format!("the authority has not checked {name} in time"),
        OrderError::ProcessingTimeout(_) => "the authority has not made the certificate in time".to_owned(),
        OrderError::Rcgen(error) => format!("it cannot be requested ({error})"),
    }
}

fn refused(auth: &Auth, port: u16) -> String {
    let rustls_acme::acme::Identifier::Dns(name) = &auth.identifier;
    let problem = auth.challenges.iter().find_map(|challenge| challenge.error.as_ref());
    problem.map_or_else(|| format!("the authority refused {name} without a reason"), |problem| problem_sentence(problem, name, port))
}

fn problem_sentence(problem: &Problem, name: &str, port: u16) -> String {
    let said = problem.detail.as_deref().unwrap_or("no details");
    let word = problem.typ.as_deref().and_then(problem_word).unwrap_or_default();
    let cure = match word {
        "connection" => format!("open port 443 of {name} to the world and lead it to port {port} of this server"),
        "dns" => format!("let the name {name} point to this server's public address (A or AAAA record)"),
        "unauthorized" | "tls" | "incorrectResponse" => {
            format!("let port 443 of {name} lead to port {port} of this server, without a proxy in between that speaks TLS itself")
        }
        "caa" => format!("allow this authority in the CAA record of {name}"),
        "rejectedIdentifier" => "this authority gives no certificates for such names".to_owned(),
        _ => "see --tls-domain".to_owned(),
    };
    format!("the authority says \"{said}\"; {cure}")
}

/// The word that names the kind of a problem.
fn problem_word(text: &str) -> Option<&str> {
    let rest = &text[text.find(PROBLEM)? + PROBLEM.len()..];
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
    Some(&rest[..end])
}

/// The part of an answer that is meant for people.
fn detail(text: &str) -> String {
    let text = text.replace("\\\"", "\"");
    let detail = text.split_once("\"detail\"").and_then(|(_, rest)| rest.split('"').nth(1).map(str::to_owned));
    detail.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(word: &str) -> String {
        let problem = Problem { typ: Some(format!("{PROBLEM}{word}")), detail: Some("it said so".to_owned()) };
        problem_sentence(&problem, "meet.example", 8443)
    }

    #[test]
    fn each_reason_has_its_cure() {
        for (word, cure) in [
            ("connection", "open port 443 of meet.example to the world and lead it to port 8443"),
            ("dns", "A or AAAA record"),
            ("unauthorized", "without a proxy in between"),
            ("caa", "CAA record"),
            ("rejectedIdentifier", "no certificates for such names"),
            ("serverInternal", "--tls-domain"),
        ] {
            let sentence = problem(word);
            assert!(sentence.contains("it said so") && sentence.contains(cure), "{word}: {sentence}");
        }
    }

    #[test]
    fn the_kind_and_the_detail_are_found_in_an_answer() {
        let text = r#"non 2xx http status: 429 "{\"type\": \"urn:ietf:params:acme:error:rateLimited\", \"detail\": \"too many\"}""#;
        assert_eq!(problem_word(text), Some("rateLimited"));
        assert_eq!(detail(text), "too many");
        assert_eq!((problem_word("no such thing"), detail("plain").as_str()), (None, "plain"));
    }
}
