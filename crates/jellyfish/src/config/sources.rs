//! Collecting the options' values: a flag wins over its variable, the variable over the key in the file.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::options::{OPTIONS, Spec};
use super::{ConfigError, LoadError};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Flag(&'static str),
    Variable(String),
    Key { key: String, file: PathBuf },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Variable(name) => f.write_str(name),
            Self::Key { key, file } => write!(f, "{key} in {}", file.display()),
        }
    }
}

/// The values of all options, unread.
#[derive(Debug, Default)]
pub(super) struct Sources {
    values: HashMap<&'static str, (Origin, Vec<String>)>,
}

impl Sources {
    /// Reads the command line, then the environment, then the file that one of them names.
    pub(super) fn collect<I, T>(arguments: I, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, LoadError>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let matches = command().try_get_matches_from(arguments)?;
        let mut sources = Self::default();
        for spec in OPTIONS {
            if let Some(values) = from_flag(&matches, spec) {
                sources.values.insert(spec.name, (Origin::Flag(spec.name), values));
            } else if let Some(text) = environment(&variable(spec.name)).filter(|text| !text.is_empty()) {
                let origin = Origin::Variable(variable(spec.name));
                sources.values.insert(spec.name, (origin, split(spec, &text)));
            }
        }
        if let Some(path) = sources.one("config").map(PathBuf::from) {
            sources.add_file(&path)?;
        }
        Ok(sources)
    }

    fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let problem = |message: String| ConfigError { origin: "--config".to_owned(), message };
        let text = std::fs::read_to_string(path).map_err(|error| problem(format!("cannot read {}: {error}", path.display())))?;
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| problem(format!("{} is no TOML: {}", path.display(), error.message())))?;
        for (key, value) in table {
            let origin = Origin::Key { key: key.clone(), file: path.to_owned() };
            let known = OPTIONS.iter().find(|spec| spec.name.replace('-', "_") == key && spec.name != "config");
            let spec = known.ok_or_else(|| ConfigError::new(&origin, "there is no such option"))?;
            let values = from_toml(spec, &value).ok_or_else(|| ConfigError::new(&origin, "the value has the wrong type"))?;
            self.values.entry(spec.name).or_insert((origin, values));
        }
        Ok(())
    }

    /// The text of an option that takes one value.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.1.first().map(String::as_str)
    }

    /// Where the value comes from; the flag when there is none.
    pub(super) fn origin(&self, name: &'static str) -> Origin {
        self.values.get(name).map_or(Origin::Flag(name), |(origin, _)| origin.clone())
    }

    /// Reads an option with one value.
    pub(super) fn read<V, E: fmt::Display>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<V, E>,
    ) -> Result<Option<V>, ConfigError> {
        let Some((origin, values)) = self.values.get(name) else { return Ok(None) };
        let Some(text) = values.first() else { return Ok(None) };
        parse(text).map(Some).map_err(|error| ConfigError::new(origin, &error.to_string()))
    }

    /// Reads an option with any number of values; `None` when it is not given at all.
    pub(super) fn read_all<V, E: fmt::Display>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<V, E>,
    ) -> Result<Option<Vec<V>>, ConfigError> {
        let Some((origin, values)) = self.values.get(name) else { return Ok(None) };
        let read = |text: &String| parse(text).map_err(|error| ConfigError::new(origin, &error.to_string()));
        values.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// Reads a switch.
    pub(super) fn switch(&self, name: &'static str) -> Result<bool, ConfigError> {
        let parse = |text: &str| match text {
            "true" | "1" => Ok(true),
            "false" | "0" | "" => Ok(false),
            other => Err(format!("\"{other}\" is neither true nor false")),
        };
        Ok(self.read(name, parse)?.unwrap_or(false))
    }
}

/// The command line.
fn command() -> Command {
    let arguments = OPTIONS.iter().map(|spec| {
        let help = format!("{} [env: {}]", spec.help, variable(spec.name));
        let argument = Arg::new(spec.name).long(spec.name).help(help).hide(spec.hidden);
        match (spec.value, spec.many) {
            ("", _) => argument.action(ArgAction::SetTrue),
            (value, true) => argument.value_name(value).action(ArgAction::Append),
            (value, false) => argument.value_name(value).action(ArgAction::Set),
        }
    });
    Command::new("jellyfish")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Media server: rooms, peers and tracks for meetings, over WebRTC")
        .after_help(AFTER_HELP)
        .args(arguments)
}

const AFTER_HELP: &str = "\
A flag wins over its environment variable, the variable over the file given by --config. An empty variable counts as unset.

Once it serves, it prints `ready: <URL>` on standard output. Open two ports to the world: the TCP port of --listen \
(API and signalling) and the UDP port of --media-port (media).

Examples:
  jellyfish --dev                                   try it on this machine, API token `development`
  jellyfish --announce 203.0.113.7 --public-url https://media.example.org --tls-cert c.pem --tls-key k.pem";

fn from_flag(matches: &ArgMatches, spec: &Spec) -> Option<Vec<String>> {
    if spec.value.is_empty() {
        return matches.get_flag(spec.name).then(|| vec!["true".to_owned()]);
    }
    matches.get_many::<String>(spec.name).map(|values| values.cloned().collect())
}

fn from_toml(spec: &Spec, value: &toml::Value) -> Option<Vec<String>> {
    match value {
        toml::Value::String(text) => Some(vec![text.clone()]),
        toml::Value::Integer(number) => Some(vec![number.to_string()]),
        toml::Value::Boolean(switch) => Some(vec![switch.to_string()]),
        toml::Value::Array(values) if spec.many => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn split(spec: &Spec, text: &str) -> Vec<String> {
    if spec.many {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    } else {
        vec![text.to_owned()]
    }
}

fn variable(name: &str) -> String {
    format!("JELLYFISH_{}", name.to_uppercase().replace('-', "_"))
}
