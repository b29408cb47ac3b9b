//! Development only: servers on port 0, polling assertions, network simulation helpers.
