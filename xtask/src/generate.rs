//! Generated files: protobuf types for Rust and TypeScript. Committed, so that a build needs no generator.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use prost_types::compiler::{CodeGeneratorRequest, CodeGeneratorResponse};

use crate::build::npm_install;
use crate::process::{command, run_command};
use crate::wire;
use crate::workspace::Workspace;

const PROTO_DIR: &str = "crates/protocol/proto";
const RUST_OUT: &str = "crates/protocol/src/gen";
const FILES: [&str; 2] = ["peer_message.proto", "server_message.proto"];
const TYPESCRIPT_OUT: &str = "web/packages/protocol/src/gen";
/// What a client in a browser speaks; imported files come along.
const TYPESCRIPT_FILES: [&str; 1] = ["peer_message.proto"];
/// The imports must resolve in bundlers, which take a path without an extension.
const TYPESCRIPT_OPTIONS: &str = "target=ts,import_extension=none";

/// Writes every generated file anew.
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    npm_install(workspace)?;
    wire::add(&workspace.root)?;
    rust(&workspace.root, &rust_out(&workspace.root))?;
    typescript(&workspace.root, &typescript_out(&workspace.root))?;
    let mut documents = openapi_documents(workspace);
    documents.env("UPDATE_GENERATED", "1");
    run_command(documents)
}

/// Compares the committed OpenAPI documents with those of the servers' code, which only the servers' own tests can do; with
/// `UPDATE_GENERATED` in its environment it writes them first. The same build as for all tests.
pub(crate) fn openapi_documents(workspace: &Workspace) -> Command {
    let arguments = ["test", "--profile", "checked", "--locked", "--workspace", "--quiet", "--test", "it", "openapi_document"];
    command(workspace, "cargo", &arguments)
}

/// Writes the Rust types of all protobuf messages into `out`, below the repository's `root`.
pub(crate) fn rust(root: &Path, out: &Path) -> Result<()> {
    let descriptors = descriptors(root)?;
    std::fs::create_dir_all(out)?;
    prost_build::Config::new()
        .out_dir(out)
        .btree_map(["."])
        .include_file("mod.rs")
        .compile_fds(descriptors)
        .context("prost cannot write the Rust types")?;
    Ok(())
}

/// What the protobuf files below the repository's `root` say.
pub(crate) fn descriptors(root: &Path) -> Result<FileDescriptorSet> {
    protox::compile(FILES, [root.join(PROTO_DIR)]).context("the protobuf files do not compile")
}

/// Where the committed Rust types are.
pub(crate) fn rust_out(root: &Path) -> PathBuf {
    root.join(RUST_OUT)
}

/// Writes the TypeScript types of the client's protobuf messages into `out`. The plug-in comes from npm: `npm ci` must have run in `root`.
pub(crate) fn typescript(root: &Path, out: &Path) -> Result<()> {
    let descriptors = protox::compile(TYPESCRIPT_FILES, [root.join(PROTO_DIR)]).context("the protobuf files do not compile")?;
    let request = CodeGeneratorRequest {
        file_to_generate: descriptors.file.iter().map(|file| file.name().to_owned()).collect(),
        parameter: Some(TYPESCRIPT_OPTIONS.to_owned()),
        proto_file: descriptors.file,
        compiler_version: None,
    };
    let response = run_plugin(&root.join("node_modules/.bin/protoc-gen-es"), &request)?;
    ensure!(response.error.is_none(), "protoc-gen-es refuses the protobuf files: {}", response.error());
    std::fs::create_dir_all(out)?;
    for file in response.file {
        let path = out.join(file.name());
        std::fs::write(&path, file.content()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Where the committed TypeScript types are.
pub(crate) fn typescript_out(root: &Path) -> PathBuf {
    root.join(TYPESCRIPT_OUT)
}

/// Speaks the protocol of `protoc` with its plug-ins: request on standard input, response on standard output.
fn run_plugin(plugin: &Path, request: &CodeGeneratorRequest) -> Result<CodeGeneratorResponse> {
    let mut child = Command::new(plugin)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}: run `npm ci` first", plugin.display()))?;
    let mut input = child.stdin.take().context("the plug-in has no standard input")?;
    // It reads everything before it writes, so this cannot block for good.
    input.write_all(&request.encode_to_vec()).context("the plug-in does not read its request")?;
    drop(input);
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{} failed: {}", plugin.display(), output.status);
    CodeGeneratorResponse::decode(output.stdout.as_slice()).context("the plug-in's answer is no CodeGeneratorResponse")
}
