//! Collecting the settings' values: a flag wins over its variable, the variable over the key in the file.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::help::command;
use super::settings::{SETTINGS, Setting, VARIABLE_PREFIX, variable};
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

/// The values of all settings, not read yet.
#[derive(Debug, Default)]
pub(super) struct Sources {
    values: HashMap<&'static str, (Origin, Vec<String>)>,
    unknown_variables: Vec<String>,
}

impl Sources {
    /// Reads the command line, then the environment, then the file that one of them names.
    pub(super) fn collect<I, T>(arguments: I, environment: &[(String, String)]) -> Result<Self, LoadError>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let matches = command().try_get_matches_from(arguments)?;
        let mut sources = Self::default();
        for setting in SETTINGS {
            let name = variable(setting.name);
            if let Some(values) = matches.get_many::<String>(setting.name) {
                sources.values.insert(setting.name, (Origin::Flag(setting.name), values.cloned().collect()));
            } else if let Some((_, text)) = environment.iter().find(|(known, text)| *known == name && !text.is_empty()) {
                sources.values.insert(setting.name, (Origin::Variable(name), split(setting, text)));
            }
        }
        let set = environment.iter().filter(|(_, text)| !text.is_empty()).map(|(name, _)| name);
        let ours = set.filter(|name| name.starts_with(VARIABLE_PREFIX));
        let unknown = ours.filter(|name| !SETTINGS.iter().any(|setting| variable(setting.name) == **name));
        sources.unknown_variables = unknown.cloned().collect();
        let file = sources.values.get("config").and_then(|(origin, values)| Some((origin.clone(), PathBuf::from(values.first()?))));
        if let Some((origin, path)) = file {
            sources.add_file(&origin, &path)?;
        }
        Ok(sources)
    }

    fn add_file(&mut self, named_by: &Origin, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| problem(named_by, &format!("cannot read {}: {error}", path.display())))?;
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| problem(named_by, &format!("{} is no TOML: {}", path.display(), error.message())))?;
        for (key, value) in table {
            let origin = Origin::Key { key: key.clone(), file: path.to_owned() };
            let known = SETTINGS.iter().find(|setting| setting.name.replace('-', "_") == key && setting.name != "config");
            let setting = known.ok_or_else(|| problem(&origin, "there is no such setting"))?;
            let values = from_toml(setting, &value).ok_or_else(|| problem(&origin, &format!("expected {}", expected(setting))))?;
            self.values.entry(setting.name).or_insert((origin, values));
        }
        Ok(())
    }

    /// Where the setting was given.
    pub(super) fn given(&self, name: &str) -> Option<&Origin> {
        self.values.get(name).map(|(origin, _)| origin)
    }

    /// Variables that look like ours but are not.
    pub(super) fn unknown_variables(&self) -> &[String] {
        &self.unknown_variables
    }

    /// An error about a setting, naming the place where it was given.
    pub(super) fn problem(&self, name: &'static str, message: &str) -> ConfigError {
        problem(self.given(name).unwrap_or(&Origin::Flag(name)), message)
    }

    /// Reads a setting with one value.
    pub(super) fn read<V, E: fmt::Display>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<V, E>,
    ) -> Result<Option<V>, ConfigError> {
        Ok(self.read_all(name, parse)?.and_then(|values| values.into_iter().next_back()))
    }

    /// Reads a setting with any number of values; `None` when it is not given at all.
    pub(super) fn read_all<V, E: fmt::Display>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<V, E>,
    ) -> Result<Option<Vec<V>>, ConfigError> {
        let Some((origin, values)) = self.values.get(name) else { return Ok(None) };
        let read = |text: &String| parse(text).map_err(|error| problem(origin, &error.to_string()));
        values.iter().map(read).collect::<Result<_, _>>().map(Some)
    }
}

fn problem(origin: &Origin, message: &str) -> ConfigError {
    ConfigError { origin: origin.to_string(), message: message.to_owned() }
}

fn from_toml(setting: &Setting, value: &toml::Value) -> Option<Vec<String>> {
    match value {
        toml::Value::String(text) => Some(vec![text.clone()]),
        toml::Value::Integer(number) => Some(vec![number.to_string()]),
        toml::Value::Array(values) if setting.many => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn expected(setting: &Setting) -> &'static str {
    if setting.many { "an array of strings" } else { "a string or a number" }
}

fn split(setting: &Setting, text: &str) -> Vec<String> {
    if setting.many {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    } else {
        vec![text.to_owned()]
    }
}
