//! Collecting the settings' values from all sources.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::{Alias, Program, Setting};

/// The setting that names the file.
const FILE: &str = "config";

/// Where a value comes from, as sentences name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(&'static str),
    /// An environment variable, or those that together give a setting.
    Variable(String),
    /// A key of the file.
    Key {
        /// The key.
        key: String,
        /// The file.
        file: PathBuf,
    },
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

/// A setting has a value that it cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {message}")]
pub struct SettingError {
    /// The flag, variable or key.
    pub origin: String,
    /// What is wrong with it.
    pub message: String,
}

impl SettingError {
    fn new(origin: &Origin, message: &str) -> Self {
        Self { origin: origin.to_string(), message: message.to_owned() }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A wrong value.
    #[error(transparent)]
    Value(#[from] SettingError),
    /// The command line is wrong, or asks for help or the version.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
}

/// The values of all settings, not read yet.
#[derive(Debug)]
pub struct Sources {
    program: &'static Program,
    values: HashMap<&'static str, (Origin, Vec<String>)>,
    unknown_variables: Vec<String>,
}

impl Sources {
    /// Reads the command line, then the environment, then the file that one of them names. Empty variables count as unset.
    pub fn collect<I, T>(program: &'static Program, arguments: I, environment: &[(String, String)]) -> Result<Self, LoadError>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let matches = program.command().try_get_matches_from(arguments)?;
        let environment = Environment(environment);
        let mut sources = Self { program, values: HashMap::new(), unknown_variables: environment.unknown(program) };
        for setting in program.settings {
            let given = from_flag(&matches, setting)
                .or_else(|| environment.own(program, setting))
                .or_else(|| environment.aliased(program, setting.name));
            sources.values.extend(given.map(|given| (setting.name, given)));
        }
        let file = sources.values.get(FILE).and_then(|(origin, values)| Some((origin.clone(), PathBuf::from(values.last()?))));
        if let Some((origin, path)) = file {
            sources.add_file(&origin, &path)?;
        }
        Ok(sources)
    }

    fn add_file(&mut self, named_by: &Origin, path: &Path) -> Result<(), SettingError> {
        let problem = |message: String| SettingError::new(named_by, &message);
        let text = std::fs::read_to_string(path).map_err(|error| problem(format!("cannot read {}: {error}", path.display())))?;
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| problem(format!("{} is no TOML: {}", path.display(), error.message())))?;
        for (key, value) in table {
            let origin = Origin::Key { key: key.clone(), file: path.to_owned() };
            let known = self.program.settings.iter().find(|setting| setting.name != FILE && setting.key() == key);
            let setting = known.ok_or_else(|| SettingError::new(&origin, "there is no such setting"))?;
            let values =
                from_toml(setting, &value).ok_or_else(|| SettingError::new(&origin, &format!("expected {}", expected(setting))))?;
            self.values.entry(setting.name).or_insert((origin, values));
        }
        Ok(())
    }

    /// Where the setting was given.
    pub fn given(&self, name: &str) -> Option<&Origin> {
        self.values.get(name).map(|(origin, _)| origin)
    }

    /// A sentence for each variable that begins as the program's do but is none of them: most likely a typing error.
    pub fn unknown_remarks(&self) -> Vec<String> {
        let unknown = self.unknown_variables.iter();
        unknown.map(|name| format!("the environment variable {name} is not one of ours; see --help")).collect()
    }

    /// An error about a setting, naming the place where it was given, or else its flag.
    pub fn problem(&self, name: &'static str, message: &str) -> SettingError {
        SettingError::new(self.given(name).unwrap_or(&Origin::Flag(name)), message)
    }

    /// Reads a setting with one value.
    pub fn read<V, E: fmt::Display>(&self, name: &'static str, parse: impl Fn(&str) -> Result<V, E>) -> Result<Option<V>, SettingError> {
        let Some((origin, values)) = self.values.get(name) else { return Ok(None) };
        let read = |text: &String| parse(text).map_err(|error| SettingError::new(origin, &error.to_string()));
        values.last().map(read).transpose()
    }

    /// Reads a setting with any number of values; `None` when it is not given at all.
    pub fn read_all<V, E: fmt::Display>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<V, E>,
    ) -> Result<Option<Vec<V>>, SettingError> {
        let Some((origin, values)) = self.values.get(name) else { return Ok(None) };
        let read = |text: &String| parse(text).map_err(|error| SettingError::new(origin, &error.to_string()));
        values.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// Reads a switch.
    pub fn switch(&self, name: &'static str) -> Result<bool, SettingError> {
        let parse = |text: &str| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            other => Err(format!("\"{other}\" is neither true nor false")),
        };
        Ok(self.read(name, parse)?.unwrap_or(false))
    }
}

/// The variables of the process, or a test's.
struct Environment<'a>(&'a [(String, String)]);

impl Environment<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, text)| known == name && !text.is_empty()).map(|(_, text)| text.as_str())
    }

    fn own(&self, program: &Program, setting: &Setting) -> Option<(Origin, Vec<String>)> {
        let name = program.variable(setting.name);
        let values = split(setting, self.get(&name)?);
        Some((Origin::Variable(name), values))
    }

    /// What another program's variables give for the setting.
    fn aliased(&self, program: &Program, setting: &str) -> Option<(Origin, Vec<String>)> {
        let mut rows = program.aliases.table.iter().filter(|alias| alias.setting == setting);
        rows.find_map(|alias| self.converted(program, alias))
    }

    fn converted(&self, program: &Program, alias: &Alias) -> Option<(Origin, Vec<String>)> {
        let find = |name: &&str| {
            let names = program.aliases.prefixes.iter().map(|prefix| format!("{prefix}{name}"));
            names.into_iter().find_map(|name| Some((self.get(&name)?, name)))
        };
        let found: Vec<Option<(&str, String)>> = alias.variables.iter().map(find).collect();
        let names: Vec<&str> = found.iter().flatten().map(|(_, name)| name.as_str()).collect();
        if names.is_empty() {
            return None;
        }
        let texts: Vec<Option<&str>> = found.iter().map(|found| found.as_ref().map(|(text, _)| *text)).collect();
        Some((Origin::Variable(names.join(" and ")), (alias.convert)(&texts)?))
    }

    fn unknown(&self, program: &Program) -> Vec<String> {
        let set = self.0.iter().filter(|(_, text)| !text.is_empty()).map(|(name, _)| name);
        let ours = set.filter(|name| name.starts_with(program.prefix));
        ours.filter(|name| !program.settings.iter().any(|setting| program.variable(setting.name) == **name)).cloned().collect()
    }
}

fn from_flag(matches: &ArgMatches, setting: &Setting) -> Option<(Origin, Vec<String>)> {
    let origin = Origin::Flag(setting.name);
    if setting.is_switch() {
        return matches.get_flag(setting.name).then(|| (origin, vec!["true".to_owned()]));
    }
    matches.get_many::<String>(setting.name).map(|values| (origin, values.cloned().collect()))
}

fn from_toml(setting: &Setting, value: &toml::Value) -> Option<Vec<String>> {
    match value {
        toml::Value::Boolean(on) if setting.is_switch() => Some(vec![on.to_string()]),
        toml::Value::String(text) => Some(vec![text.clone()]),
        toml::Value::Integer(number) => Some(vec![number.to_string()]),
        toml::Value::Array(values) if setting.many => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn expected(setting: &Setting) -> &'static str {
    match setting {
        setting if setting.is_switch() => "true or false",
        Setting { many: true, .. } => "an array of strings",
        _ => "a string or a number",
    }
}

fn split(setting: &Setting, text: &str) -> Vec<String> {
    if setting.many {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    } else {
        vec![text.to_owned()]
    }
}
