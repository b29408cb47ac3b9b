//! The settings of a program: one table, from which flags, environment variables, file keys and the help are made.
//!
//! A flag wins over the program's own variable, that over variables of other programs' names ([`Alias`]), those over the file.

mod sources;
#[cfg(test)]
mod tests;

use clap::{Arg, ArgAction, Command};

pub use sources::{LoadError, Origin, SettingError, Sources};

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The flag without dashes. The variable is the program's prefix and this name in upper case, the key of the file this
    /// name, both with `_` for `-`.
    pub name: &'static str,
    /// What stands for the value in the help; empty for a switch.
    pub value: &'static str,
    /// May be given more than once; a variable holds a list with commas, the file an array.
    pub many: bool,
    /// Not in the help.
    pub hidden: bool,
    /// Heading in the help.
    pub group: &'static str,
    /// What it does, and its default.
    pub help: &'static str,
}

impl Setting {
    /// A setting with one value; the last one given counts.
    pub const fn one(group: &'static str, name: &'static str, value: &'static str, help: &'static str) -> Self {
        Self { name, value, many: false, hidden: false, group, help }
    }

    /// A setting with any number of values.
    pub const fn many(group: &'static str, name: &'static str, value: &'static str, help: &'static str) -> Self {
        Self { many: true, ..Self::one(group, name, value, help) }
    }

    /// A setting that is on or off.
    pub const fn switch(group: &'static str, name: &'static str, help: &'static str) -> Self {
        Self::one(group, name, "", help)
    }

    /// The same, but not in the help.
    #[must_use]
    pub const fn hide(self) -> Self {
        Self { hidden: true, ..self }
    }

    /// The key in the file.
    pub fn key(&self) -> String {
        self.name.replace('-', "_")
    }

    fn is_switch(&self) -> bool {
        self.value.is_empty()
    }
}

/// Variables of another program that give a setting here.
#[derive(Clone, Copy, Debug)]
pub struct Alias {
    /// The setting that they give.
    pub setting: &'static str,
    /// The variables, without prefix.
    pub variables: &'static [&'static str],
    /// Turns the variables' values, in that order, into those of the setting. `None` or an empty variable is one that is not
    /// set; at least one is. An answer of `None`: they give nothing, as the other program would fall back to its default.
    pub convert: fn(&[Option<&str>]) -> Option<Vec<String>>,
}

/// Variables under another program's names.
#[derive(Clone, Copy, Debug)]
pub struct Aliases {
    /// What the names begin with; the first one that is set counts.
    pub prefixes: &'static [&'static str],
    /// The variables.
    pub table: &'static [Alias],
}

impl Aliases {
    /// There are none.
    pub const NONE: Self = Self { prefixes: &[], table: &[] };
}

/// A program as its command line sees it.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// One sentence: what it is.
    pub about: &'static str,
    /// The end of the help: rules and examples.
    pub after_help: &'static str,
    /// What its environment variables begin with.
    pub prefix: &'static str,
    /// Its settings, in the order of the help. One is `config`, the file with the others.
    pub settings: &'static [Setting],
    /// Variables under other names.
    pub aliases: Aliases,
}

impl Program {
    /// The environment variable of a setting.
    pub fn variable(&self, name: &str) -> String {
        format!("{}{}", self.prefix, name.to_uppercase().replace('-', "_"))
    }

    /// The command line.
    pub fn command(&self) -> Command {
        let arguments = self.settings.iter().map(|setting| {
            let argument = Arg::new(setting.name).long(setting.name).hide(setting.hidden).help(setting.help).help_heading(setting.group);
            if setting.is_switch() {
                return argument.action(ArgAction::SetTrue);
            }
            let action = if setting.many { ArgAction::Append } else { ArgAction::Set };
            argument.value_name(setting.value).action(action).allow_hyphen_values(false)
        });
        let command = Command::new(self.name).version(self.version).about(self.about).after_help(self.after_help);
        command.args_override_self(true).args(arguments)
    }
}
