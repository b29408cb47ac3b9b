//! Requests as inputs: included by the tests of the servers and by their seams for the fuzz targets.

/// Methods that a request's first byte chooses from.
const METHODS: [&str; 8] = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "POST"];

/// Headers by which a connection is kept in step: the sender's business.
const FRAMING: [&str; 7] = ["connection", "content-length", "expect", "host", "te", "transfer-encoding", "upgrade"];

/// A request.
pub(crate) struct Asked {
    pub(crate) method: &'static str,
    /// Path and query, without the first slash.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// Reads an input: a byte that chooses the method, then the target; headers, a line each; an empty line; the body.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let (first, mut rest) = line(bytes);
        let (method, target) = first.split_first().map_or((0, first), |(method, target)| (*method, target));
        let mut headers = Vec::new();
        loop {
            let (header, after) = line(rest);
            rest = after;
            if header.is_empty() {
                break;
            }
            let header = printable(header, b" \t");
            let (name, value) = header.split_once(':').unwrap_or((&header, ""));
            let name = name.trim().to_ascii_lowercase();
            if is_token(&name) && !FRAMING.contains(&name.as_str()) {
                headers.push((name, value.trim().to_owned()));
            }
        }
        Self { method: METHODS[usize::from(method) % METHODS.len()], target: printable(target, b""), headers, body: rest.to_vec() }
    }

    /// The request as a server's routes get it; `None`: its target is none, which the HTTP library refuses.
    #[allow(dead_code, reason = "some send it over a connection instead")]
    pub(crate) fn into_request<B: From<Vec<u8>>>(self) -> Option<http::Request<B>> {
        let mut request = http::Request::builder().method(self.method).uri(format!("/{}", self.target));
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        request.header("host", "localhost").body(B::from(self.body)).ok()
    }
}

/// The first line, and what follows it.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// The bytes as text of one line.
fn printable(bytes: &[u8], and: &[u8]) -> String {
    bytes.iter().map(|byte| if byte.is_ascii_graphic() || and.contains(byte) { char::from(*byte) } else { '?' }).collect()
}

/// Whether it can be the name of a header (RFC 9110 section 5.6.2).
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
