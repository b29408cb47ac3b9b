//! The command line and its help.

use clap::{Arg, ArgAction, Command};

use super::settings::SETTINGS;

const ABOUT: &str = "Self-hosted video meetings: open a link, type a name, talk.";

const AFTER: &str = "\
Every flag is also an environment variable (--media-port is VIDEOROOM_MEDIA_PORT; lists are separated by commas) and a key of
the file given by --config (media_port = 50000). The flag wins over the variable, the variable over the file. An empty variable
counts as unset.

Once it serves, the last line on standard output is `ready: <URL>`. Exit status: 0 after SIGTERM or SIGINT, 2 for a wrong
setting, 1 for anything else that keeps it from running.

Open to the world: the TCP port of --listen and the UDP port of --media-port.

Examples:
  videoroom                                      try it here and on the local network
  videoroom --announce 203.0.113.7 --tls-cert fullchain.pem --tls-key privkey.pem --listen 443
  videoroom --tls off --public-url https://meet.example.org --announce 203.0.113.7
                                                 behind a proxy on the same machine that speaks HTTPS
  videoroom --media-server https://media.example.org --media-server-token-file token
                                                 page and join API only";

pub(super) fn command() -> Command {
    let arguments = SETTINGS.iter().map(|setting| {
        let action = if setting.many { ArgAction::Append } else { ArgAction::Set };
        Arg::new(setting.name)
            .long(setting.name)
            .value_name(setting.value)
            .action(action)
            .allow_hyphen_values(false)
            .help(setting.help)
            .help_heading(setting.group)
    });
    Command::new("videoroom").version(env!("CARGO_PKG_VERSION")).about(ABOUT).after_help(AFTER).args_override_self(true).args(arguments)
}
