//! Headless WebRTC peer: integration tests, bots, load.
