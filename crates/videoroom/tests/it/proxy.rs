//! Behind nginx, as Debian ships it.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use reqwest::{Method, StatusCode};
use serde_json::json;
use tempfile::TempDir;
use testkit::eventually;

use crate::support::{Access, PeerSocket, System, Web, is_root};

/// What `docs/operations.md` tells operators to write.
const HEADERS: &str = "
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_read_timeout 1h;";

/// nginx in front of a server, once with HTTPS and once without.
struct Nginx {
    process: Child,
    plain: SocketAddr,
    secure: SocketAddr,
    _directory: TempDir,
}

impl Nginx {
    /// `location`: its part of the configuration, in which `UPSTREAM` stands for the server's address.
    async fn start(upstream: SocketAddr, location: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path();
        net::tcp::ServerTls::self_signed(path, &["localhost".to_owned()]).unwrap();
        let (plain, secure) = (free_port(), free_port());
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {}/{name};", path.display()))
            .join("\n");
        let pem = path.join("self-signed.pem");
        let user = if is_root() { "user root;" } else { "" };
        let text = format!(
            "{user} worker_processes 1; daemon off; master_process off; error_log stderr warn; pid {dir}/pid;
             events {{ worker_connections 256; }}
             http {{
               access_log off; {temporary}
               map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
               server {{
                 listen {plain}; listen {secure} ssl;
                 ssl_certificate {pem}; ssl_certificate_key {pem};
                 {location}
               }}
             }}",
            dir = path.display(),
            pem = pem.display(),
            location = location.replace("UPSTREAM", &upstream.to_string()),
        );
        let configuration = path.join("nginx.conf");
        std::fs::write(&configuration, text).unwrap();
        let mut command = Command::new(program());
        command.arg("-p").arg(path).arg("-c").arg(&configuration).arg("-e").arg("stderr").stdin(Stdio::null());
        let process = command.spawn().expect("nginx is installed: cargo xtask test does it");
        let nginx = Self { process, plain, secure, _directory: directory };
        eventually("nginx listens", async || tokio::net::TcpStream::connect(secure).await.map(drop).map_err(|error| error.to_string()))
            .await;
        nginx
    }

    async fn plain(&self, path: &str, headers: &[(&str, &str)]) -> crate::support::Answer {
        Web::new(self.plain).send(Method::GET, path, headers, "").await
    }

    async fn secure(&self, method: Method, path: &str, body: &str) -> crate::support::Answer {
        Web::new(self.secure).send_to("https", method, path, &[], body.to_owned()).await
    }

    async fn join(&self, path: &str) -> Access {
        Access::read(&self.secure(Method::POST, path, &json!({"name": "Ana"}).to_string()).await)
    }

    /// The same access over the proxy's port without HTTPS, for a client that knows no self-signed certificates.
    fn without_tls(&self, access: &Access) -> Access {
        let url = access.url.replace("wss://", "ws://").replace(&self.secure.to_string(), &self.plain.to_string());
        Access { url, ..access.clone() }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // A process that has ended needs no killing.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where Debian puts it is not in everybody's path.
fn program() -> PathBuf {
    let usual = PathBuf::from("/usr/sbin/nginx");
    if usual.exists() { usual } else { PathBuf::from("nginx") }
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn at_the_root() -> String {
    format!("location / {{ proxy_pass http://UPSTREAM; {HEADERS} }}")
}

#[tokio::test]
async fn nginx_at_the_root_passes_scheme_host_and_sockets() {
    let system = System::with_scripted(&["--tls", "auto"]).await;
    let nginx = Nginx::start(system.web.address(), &at_the_root()).await;
    assert_eq!(nginx.secure(Method::GET, "/room/standup", "").await.status, 200, "no redirect: it was HTTPS");
    let access = nginx.join("/api/rooms/standup/join").await;
    assert_eq!(access.url, format!("wss://{}/socket/peer/websocket", nginx.secure));
    let socket = PeerSocket::connect(&nginx.without_tls(&access)).await.unwrap();
    system.connected("standup", 1).await;
    socket.leave().await;
    // Plain HTTP is sent to HTTPS, at the proxy's name.
    let sent = nginx.plain("/room/standup", &[("host", "meet.example")]).await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::TEMPORARY_REDIRECT, "https://meet.example/room/standup"));
    let links = nginx.plain("/api/links", &[("host", "localhost")]).await;
    assert_eq!(links.json(), json!({"links": []}), "whoever comes through a proxy is a stranger");
}

#[tokio::test]
async fn nginx_serves_it_below_a_path() {
    let system = System::with_scripted(&["--tls", "auto", "--base-path", "/meet"]).await;
    let location = format!("location /meet {{ proxy_pass http://UPSTREAM; {HEADERS} }} location / {{ return 200 'another site'; }}");
    let nginx = Nginx::start(system.web.address(), &location).await;
    assert_eq!(nginx.secure(Method::GET, "/", "").await.text, "another site");
    let door = nginx.secure(Method::GET, "/meet", "").await;
    assert!(door.status.is_redirection() && door.header("location").ends_with("/meet/"), "{door:?}");
    let page = nginx.secure(Method::GET, "/meet/room/standup", "").await;
    assert!(page.status == 200 && page.header("content-type").starts_with("text/html"), "{page:?}");
    // Plain HTTP is sent to HTTPS, below the same path.
    let sent = nginx.plain("/meet/room/standup", &[("host", "meet.example")]).await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::TEMPORARY_REDIRECT, "https://meet.example/meet/room/standup"));
    let access = nginx.join("/meet/api/rooms/standup/join").await;
    assert_eq!(access.url, format!("wss://{}/meet/socket/peer/websocket", nginx.secure));
    let _socket = PeerSocket::connect(&nginx.without_tls(&access)).await.unwrap();
    system.connected("standup", 1).await;
}

#[tokio::test]
async fn limits_count_the_clients_behind_nginx_and_not_nginx() {
    let system = System::with_scripted(&["--trusted-proxy", "127.0.0.1"]).await;
    let nginx = Nginx::start(system.web.address(), &at_the_root()).await;
    let client = |ip: [u8; 4]| reqwest::Client::builder().no_proxy().local_address(IpAddr::from(ip)).build().unwrap();
    let (first, second) = (client([127, 0, 0, 2]), client([127, 0, 0, 3]));
    let look = async |client: &reqwest::Client| {
        let request = client.get(format!("http://{}/api/rooms/r", nginx.plain)).header("x-forwarded-for", "198.51.100.1");
        request.send().await.unwrap().status()
    };
    let mut asked = 0;
    while look(&first).await == 200 {
        asked += 1;
        assert!(asked < 2_000, "the limit counts nobody");
    }
    assert!(asked >= 300, "{asked}");
    assert_eq!(look(&second).await, 200, "another client");
}

#[tokio::test]
async fn a_proxy_that_hides_https_is_no_endless_loop() {
    let system = System::with_scripted(&["--tls", "auto"]).await;
    let location = "location / { proxy_pass http://UPSTREAM; proxy_set_header Host meet.example; }";
    let nginx = Nginx::start(system.web.address(), location).await;
    // A browser says itself that it speaks HTTPS.
    let browser = [("sec-fetch-mode", "navigate")];
    assert_eq!(nginx.plain("/room/r", &browser).await.status, 200);
    let headers = [("sec-fetch-mode", "cors"), ("content-type", "application/json")];
    let joined = Web::new(nginx.plain).send(Method::POST, "/api/rooms/r/join", &headers, json!({"name": "Ana"}).to_string()).await;
    assert_eq!(Access::read(&joined).url, "wss://meet.example/socket/peer/websocket");
    // Others are sent once, and then told.
    let sent = nginx.plain("/room/r", &[]).await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::TEMPORARY_REDIRECT, "https://meet.example/room/r"));
    let cookie = sent.header("set-cookie").split(';').next().unwrap().to_owned();
    let told = nginx.plain("/room/r", &[("cookie", &cookie)]).await;
    assert_eq!(told.status, StatusCode::LOOP_DETECTED);
    for part in ["X-Forwarded-Proto", "--trusted-proxy"] {
        assert!(told.text.contains(part), "{part} in {}", told.text);
    }
}

#[tokio::test]
async fn a_browser_that_arrived_over_https_is_not_taken_for_a_loop_later() {
    let system = System::with_scripted(&["--tls", "auto"]).await;
    let nginx = Nginx::start(system.web.address(), &at_the_root()).await;
    let sent = nginx.plain("/", &[("host", "meet.example")]).await;
    let cookie = sent.header("set-cookie").split(';').next().unwrap().to_owned();
    let arrived = Web::new(nginx.secure).send_to("https", Method::GET, "/", &[("cookie", &cookie)], "").await;
    assert!(arrived.status == 200 && arrived.header("set-cookie").contains("Max-Age=0"), "{arrived:?}");
}
