//! Under a service manager, and asked for its health.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use testkit::Manager;

use crate::process::jellyfish;
use crate::program::Ended;

/// The status of `jellyfish healthcheck`, and what it says.
fn healthcheck(data: &Path, flags: &[&str]) -> (Option<i32>, String) {
    let with_flags = jellyfish(data, flags);
    let mut command = Command::new(with_flags.get_program());
    let output = command.env_clear().arg("healthcheck").args(with_flags.get_args()).output().unwrap();
    assert!(output.stdout.is_empty(), "{output:?}");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn the_service_manager_and_the_health_check_hear_how_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (data, socket) = (dir.path().join("data"), dir.path().join("notify"));
    let manager = Manager::at(&socket);
    let mut command = jellyfish(&data, &["--listen", "127.0.0.1:0", "--media-port", "0", "--workers", "1", "--tls", "auto"]);
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "100000").stdout(Stdio::piped());
    let mut child = Ended(command.spawn().unwrap());
    let ready = BufReader::new(child.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    assert_eq!(manager.heard(), "READY=1");
    manager.heard_next("WATCHDOG=1");
    manager.heard_next("WATCHDOG=1");

    let address = ready.strip_prefix("ready: http://").unwrap();
    assert_eq!(healthcheck(&data, &["--listen", address]), (Some(0), String::new()), "the kept token is used");
    assert_eq!(healthcheck(&data, &["--listen", address, "--api-token", "wrong"]).0, Some(1));
    let (status, error) = healthcheck(dir.path(), &["--listen", address]);
    assert!(status == Some(1) && error.contains("api-token, the API token of the server"), "{error}");

    // The certificate is for this machine's addresses, too.
    let root = std::fs::read(data.join("self-signed.pem")).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([reqwest::Certificate::from_pem(&root).unwrap()]).build().unwrap();
    assert_eq!(client.get(format!("https://{address}/health")).send().await.unwrap().status(), 401);

    assert!(Command::new("kill").args(["-TERM", &child.0.id().to_string()]).status().unwrap().success());
    assert_eq!(child.0.wait().unwrap().code(), Some(0));
    manager.heard_next("STOPPING=1");
    let (status, error) = healthcheck(&data, &["--listen", address]);
    assert!(status == Some(1) && error.starts_with("error: nothing answers at 127.0.0.1:"), "{error}");
}
