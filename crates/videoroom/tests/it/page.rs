//! The page and the headers around it.

use reqwest::Method;

use crate::support::System;

#[tokio::test]
async fn the_page_is_served_on_its_routes_with_its_policies() {
    let system = System::with_scripted(&[]).await;
    for path in ["/", "/room/standup", "/room/%C3%BCber?name=Ana&join=1", "/room/a%2Fb"] {
        let page = system.web.get(path).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert!(page.text.contains("<base href=\"/\" />"), "{path}");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert!(page.header("permissions-policy").contains("camera=(self)"));
        let policy = page.header("content-security-policy");
        let address = system.web.address();
        for directive in [
            "default-src 'self';",
            "frame-ancestors 'none'",
            "object-src 'none';",
            &format!("connect-src 'self' ws://{address} wss://{address};"),
        ] {
            assert!(policy.contains(directive), "{directive} in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    let head = system.web.send(Method::HEAD, "/", &[], "").await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    assert_eq!(system.web.send(Method::POST, "/", &[], "").await.status, 405);
    let api = system.web.get("/healthz").await;
    assert_eq!((api.header("cache-control"), api.header("x-content-type-options")), ("no-store", "nosniff"));
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_others_are_checked() {
    let system = System::with_scripted(&[]).await;
    let page = system.web.get("/").await.text;
    let Some(script) = page.split('"').find(|part| part.starts_with("./assets/index-") && part.contains(".js")) else {
        assert!(page.contains("The page is not built"), "a page without script is the one that says so: {page}");
        return;
    };
    let path = script.trim_start_matches('.');
    let plain = system.web.get(path).await;
    assert_eq!((plain.header("content-type"), plain.header("content-encoding")), ("text/javascript; charset=utf-8", ""));
    assert_eq!(plain.header("cache-control"), "public, max-age=31536000, immutable");
    let small = system.web.send(Method::GET, path, &[("accept-encoding", "gzip")], "").await;
    assert_eq!((small.header("content-encoding"), small.header("vary")), ("gzip", "accept-encoding"));
    let known = system.web.send(Method::GET, path, &[("if-none-match", plain.header("etag"))], "").await;
    assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));
    let icon = system.web.get("/favicon.svg").await;
    assert_eq!((icon.header("content-type"), icon.header("cache-control")), ("image/svg+xml", "no-cache"));
}

#[tokio::test]
async fn everything_is_below_the_base_path() {
    let system = System::with_scripted(&["--base-path", "/meet"]).await;
    let page = system.web.get("/meet/room/standup").await;
    assert!(page.status == 200 && page.text.contains("<base href=\"/meet/\" />"), "{page:?}");
    let door = system.web.get("/meet").await;
    assert_eq!((door.status.as_u16(), door.header("location")), (307, "/meet/"));
    assert_eq!(system.web.get("/meet/healthz").await.status, 200);
    system.web.get("/").await.expect_error(404, "not_found");
    system.web.get("/healthz").await.expect_error(404, "not_found");
    let join = system.web.send(Method::POST, "/meet/api/rooms/r/join", &[], r#"{"name":"Ana"}"#).await.json();
    assert_eq!(join["url"], format!("ws://{}/meet/socket/peer/websocket", system.web.address()));
}

#[tokio::test]
async fn one_port_speaks_http_and_https() {
    let system = System::with_jellyfish(&["--tls", "auto"]).await;
    let secure = system.web.send_to("https", Method::GET, "/room/r?join=1", &[], "").await;
    assert_eq!(secure.status, 200);
    let join = system.web.send_to("https", Method::POST, "/api/rooms/r/join", &[], r#"{"name":"Ana"}"#).await.json();
    assert_eq!(join["url"], format!("wss://{}/socket/peer/websocket", system.web.address()));
    assert_eq!(system.web.get("/").await.status, 200, "loopback needs no HTTPS");

    let lan = [("host", "192.168.1.5:8080")];
    for path in ["/", "/room/%C3%BCber?join=1"] {
        let page = system.web.send(Method::GET, path, &lan, "").await;
        assert_eq!((page.status.as_u16(), page.header("location")), (307, format!("https://192.168.1.5:8080{path}").as_str()));
    }
    assert_eq!(system.web.send(Method::GET, "/healthz", &lan, "").await.status, 200, "only pages are redirected");
    let proxied = [("host", "inner"), ("x-forwarded-host", "meet.example"), ("x-forwarded-proto", "https")];
    assert_eq!(system.web.send(Method::GET, "/", &proxied, "").await.status, 200);
    let join = system.web.send(Method::POST, "/api/rooms/r/join", &proxied, r#"{"name":"Ana"}"#).await.json();
    assert_eq!(join["url"], "wss://meet.example/socket/peer/websocket");
}

#[tokio::test]
async fn without_tls_nothing_is_redirected() {
    let system = System::with_scripted(&[]).await;
    let page = system.web.send(Method::GET, "/", &[("host", "192.168.1.5:8080")], "").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("ws://192.168.1.5:8080"));
}

#[tokio::test]
async fn the_public_url_and_the_frames_are_configurable() {
    let flags = ["--public-url", "https://meet.example", "--frame-ancestors", "self", "--frame-ancestors", "https://intranet.example"];
    let system = System::with_scripted(&flags).await;
    let policy = system.web.get("/").await.header("content-security-policy").to_owned();
    assert!(policy.contains("frame-ancestors 'self' https://intranet.example"), "{policy}");
    assert!(policy.contains("wss://meet.example"), "{policy}");
    assert_eq!(system.web.join("r", "Ana").await.url, "wss://meet.example/socket/peer/websocket");
}

#[tokio::test]
async fn a_host_that_is_none_does_not_reach_the_policy() {
    let system = System::with_scripted(&[]).await;
    let page = system.web.send(Method::GET, "/", &[("host", "a;script-src *")], "").await;
    assert!(!page.header("content-security-policy").contains("script-src"), "{page:?}");
}
