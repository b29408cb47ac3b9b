//! Server SDK of the media server: typed REST client and notifier.
