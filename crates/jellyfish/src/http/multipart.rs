//! Forms in `multipart/form-data` (RFC 7578): nobody's SDK sends them, but the archived server took them.

/// Longest boundary (RFC 2046 section 5.1.1). The body is searched for it again and again.
const MAX_BOUNDARY: usize = 70;

/// The fields of a form, in order; `None`: it is no such form. Files mean nothing to this interface and are passed over.
pub(crate) fn fields(content_type: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let boundary = parameter(content_type, "boundary").filter(|boundary| (1..=MAX_BOUNDARY).contains(&boundary.len()))?;
    let (first, next) = (format!("--{boundary}"), format!("\r\n--{boundary}"));
    let (_, mut rest) = split(body, first.as_bytes())?;
    let mut fields = Vec::new();
    while !rest.starts_with(b"--") {
        let (head, content) = split(rest.strip_prefix(b"\r\n")?, b"\r\n\r\n")?;
        let (value, after) = split(content, next.as_bytes())?;
        if let Some(name) = field_name(std::str::from_utf8(head).ok()?) {
            fields.push((name, std::str::from_utf8(value).ok()?.to_owned()));
        }
        rest = after;
    }
    Some(fields)
}

/// The name of a part that is no file.
fn field_name(head: &str) -> Option<String> {
    let (_, disposition) =
        head.split("\r\n").filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"))?;
    if parameter(disposition, "filename").is_some() { None } else { parameter(disposition, "name").map(str::to_owned) }
}

/// A parameter behind a header's value: `value; key=text; key="text"`.
fn parameter<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let pairs = header.split(';').skip(1).filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(key))?;
    Some(value.trim().trim_matches('"'))
}

/// What stands before and after the first occurrence.
fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(separator.len()).position(|window| window == separator)?;
    Some((&bytes[..at], &bytes[at + separator.len()..]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn read(content_type: &str, body: &str) -> Option<Vec<(String, String)>> {
        fields(content_type, body.as_bytes())
    }

    #[test]
    fn fields_are_read_and_files_passed_over() {
        let body = "a preamble\r\n--x-1\r\ncontent-disposition: form-data; name=type\r\n\r\nwebrtc\r\n--x-1\r\n\
                    Content-Type: text/plain\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n--x\r\n--x-1\r\n\
                    Content-Disposition: form-data; name=\"a key\"\r\n\r\ntwo\r\nlines\r\n--x-1--\r\nan epilogue";
        let field = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let expected = Some(vec![field("type", "webrtc"), field("a key", "two\r\nlines")]);
        assert_eq!(read("multipart/form-data; boundary=x-1", body), expected);
        assert_eq!(read("multipart/form-data; charset=utf-8; Boundary=\"x-1\"", body), expected);
        assert_eq!(read("multipart/form-data; boundary=B", "--B--"), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_form_is_told() {
        let whole = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--";
        let content_type = "multipart/form-data; boundary=B";
        assert!(read(content_type, whole).is_some());
        for length in 0..whole.len() {
            assert_eq!(read(content_type, &whole[..length]), None, "{length}");
        }
        assert_eq!(read("multipart/form-data", whole), None);
        assert_eq!(read("multipart/form-data; boundary=", whole), None);
        let with_boundary =
            |boundary: &str| read(&format!("multipart/form-data; boundary={boundary}"), &whole.replace("--B", &format!("--{boundary}")));
        assert_eq!((with_boundary(&"B".repeat(70)).is_some(), with_boundary(&"B".repeat(71))), (true, None));
        let mut latin = whole.as_bytes().to_vec();
        *latin.iter_mut().rev().find(|byte| **byte == b'1').unwrap() = 0xe4;
        assert_eq!(fields(content_type, &latin), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in "(--B|\r\n|--|[a-z;=\":]|Content-Disposition: form-data; name=a){0,40}") {
            if let Some(fields) = fields("multipart/form-data; boundary=B", bytes.as_bytes()) {
                let length: usize = fields.iter().map(|(key, value)| key.len() + value.len()).sum();
                proptest::prop_assert!(length < bytes.len());
            }
        }
    }
}
