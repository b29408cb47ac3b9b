//! The lock of the protobuf wire: every field and value with its number, committed beside the `.proto` files.
//!
//! The generated code follows the `.proto` files, so it says nothing when a number changes; clients and back ends that are
//! out in the world would. New lines are added by the generator, but none is ever changed or taken out by it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};

use crate::generate;

const LOCK: &str = "crates/protocol/proto/wire.lock";

/// Adds what is new to the lock of the repository below `root`.
pub(crate) fn add(root: &Path) -> Result<()> {
    let mut lines = read(&lock(root))?;
    lines.extend(of(&generate::descriptors(root)?));
    let text = lines.into_iter().fold(String::new(), |mut text, line| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
        text
    });
    std::fs::write(lock(root), text).with_context(|| format!("cannot write {LOCK}"))
}

/// How the `.proto` files below `root` differ from the lock.
pub(crate) fn problems(root: &Path) -> Result<Vec<String>> {
    Ok(differences(&read(&lock(root))?, &of(&generate::descriptors(root)?)))
}

fn differences(locked: &BTreeSet<String>, now: &BTreeSet<String>) -> Vec<String> {
    let gone = locked.difference(now).map(|line| format!("the wire must keep `{line}`: {LOCK} has it, and the .proto files do not"));
    let new = now.difference(locked).map(|line| format!("{LOCK} does not have `{line}`: run `cargo xtask gen`"));
    gone.chain(new).collect()
}

fn lock(root: &Path) -> PathBuf {
    root.join(LOCK)
}

fn read(path: &Path) -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Everything that has a number.
fn of(descriptors: &FileDescriptorSet) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for file in &descriptors.file {
        for values in &file.enum_type {
            of_enum(file.package(), values, &mut lines);
        }
        for message in &file.message_type {
            of_message(file.package(), message, &mut lines);
        }
    }
    lines
}

fn of_message(outer: &str, message: &DescriptorProto, lines: &mut BTreeSet<String>) {
    let name = format!("{outer}.{}", message.name());
    lines.extend(message.field.iter().map(|field| format!("{name}: {}", of_field(field, message))));
    for values in &message.enum_type {
        of_enum(&name, values, lines);
    }
    for nested in &message.nested_type {
        of_message(&name, nested, lines);
    }
}

fn of_field(field: &FieldDescriptorProto, message: &DescriptorProto) -> String {
    let kind = match field.r#type() {
        Type::Message | Type::Enum => field.type_name().trim_start_matches('.').to_owned(),
        scalar => scalar.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    };
    let choice = field.oneof_index.and_then(|index| message.oneof_decl.get(usize::try_from(index).ok()?));
    let label = match (field.label(), field.proto3_optional(), choice) {
        (Label::Repeated, ..) => "repeated ".to_owned(),
        (_, true, _) => "optional ".to_owned(),
        (_, false, Some(choice)) => format!("oneof {} ", choice.name()),
        (_, false, None) => String::new(),
    };
    format!("{label}{kind} {} = {}", field.name(), field.number())
}

fn of_enum(outer: &str, values: &EnumDescriptorProto, lines: &mut BTreeSet<String>) {
    lines.extend(values.value.iter().map(|value| format!("{outer}.{}: {} = {}", values.name(), value.name(), value.number())));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const PROTO: &str = "syntax = \"proto3\"; package p; message M { oneof what { string a = 1; M b = 2; } repeated E e = 3; \
                         optional uint32 o = 4; enum E { ZERO = 0; ONE = 1; } }";

    fn lines(proto: &str) -> BTreeSet<String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("m.proto"), proto).unwrap();
        of(&protox::compile(["m.proto"], [dir.path()]).unwrap())
    }

    #[test]
    fn everything_that_has_a_number_is_there() {
        let expected = [
            "p.M.E: ONE = 1",
            "p.M.E: ZERO = 0",
            "p.M: oneof what p.M b = 2",
            "p.M: oneof what string a = 1",
            "p.M: optional uint32 o = 4",
            "p.M: repeated p.M.E e = 3",
        ];
        assert_eq!(lines(PROTO).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_renumbered_renamed_or_gone_is_told() {
        let locked = lines(PROTO);
        for (from, to, problems) in [
            ("a = 1", "a = 5", 2),
            ("a = 1", "c = 1", 2),
            ("string a", "bytes a", 2),
            ("ONE = 1", "ONE = 2", 2),
            ("optional uint32 o = 4;", "", 1),
            ("ONE = 1;", "ONE = 1; TWO = 2;", 1),
            ("a = 1", "a = 1", 0),
        ] {
            let now = lines(&PROTO.replace(from, to));
            assert_eq!(differences(&locked, &now).len(), problems, "{from} → {to}");
        }
        let gone = differences(&locked, &lines(&PROTO.replace("ONE = 1", "ONE = 2")));
        assert!(gone.iter().any(|problem| problem.contains("must keep `p.M.E: ONE = 1`")), "{gone:?}");
    }
}
