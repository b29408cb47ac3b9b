//! Sockets: batched UDP on one port, one TCP port for TLS and plain HTTP, local addresses. No protocol knowledge.
