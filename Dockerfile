# syntax=docker/dockerfile:1
#
# docker build -t videoroom .                        page, join API and media server in one
# docker build -t jellyfish --target jellyfish .     the media server alone
#
# docs/operations.md says how to run them.

FROM node:22-trixie-slim AS node

FROM rust:1.95-slim-trixie AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
    && apt-get update \
    && apt-get install --yes --no-install-recommends cmake g++ make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# Both binaries and, for the volume's owner, an empty directory.
RUN cargo xtask build \
    && install -D --target-directory=/out/bin target/release/videoroom target/release/jellyfish \
    && install --directory --mode=0700 /out/data

# The C library and certificates, no shell. Its user `nonroot` has the number 65532.
FROM gcr.io/distroless/cc-debian13:nonroot AS base
COPY --from=build --chown=65532:65532 /out/data /data
VOLUME /data
USER 65532:65532

FROM base AS jellyfish
COPY --from=build /out/bin/jellyfish /usr/local/bin/jellyfish
ENV JELLYFISH_LISTEN=8080 JELLYFISH_DATA_DIR=/data
EXPOSE 8080/tcp 50000/udp
# It asks with the API token: give one by JELLYFISH_API_TOKEN or JELLYFISH_API_TOKEN_FILE, or leave it to the server.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["/usr/local/bin/jellyfish", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/jellyfish"]

FROM base AS videoroom
COPY --from=build /out/bin/videoroom /usr/local/bin/videoroom
ENV VIDEOROOM_LISTEN=8080 VIDEOROOM_MEDIA_PORT=50000 VIDEOROOM_DATA_DIR=/data
EXPOSE 8080/tcp 50000/udp
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["/usr/local/bin/videoroom", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/videoroom"]
