//! Wire words of the media server: protobuf messages, media events, REST types, close codes. No IO.
