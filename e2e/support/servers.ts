import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaries, RunningServer } from './binary';
import { mediaAddress } from './browsers';
import { freeTcpPort, freeUdpPort } from './ports';
import { MediaServerApi } from './rest';

const API_TOKEN = 'a-token-that-only-this-test-knows';

/** A media server of a test's own. */
export interface MediaServer {
  readonly server: RunningServer;
  readonly api: MediaServerApi;
  /** Where clients connect, without the socket's path. */
  readonly socketUrl: string;
  /** Starts the same server again, after a crash, with the same ports and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** `embedded`: one process. `split`: Backend and media server are two processes with two origins. */
export type Deployment = 'embedded' | 'split';

/** A whole Videoroom of a test's own. */
export interface Meeting {
  /** Origin of the page. */
  readonly origin: string;
  readonly api: MediaServerApi;
  /** The media server's process, when it is one of its own. */
  readonly mediaServer: MediaServer | null;
  /** Everything a page of this meeting may talk to. */
  readonly origins: readonly string[];
  /** Ends the process that serves the page without a chance to say goodbye. */
  crash(): Promise<void>;
  /** Starts it again with the same ports and data. */
  restart(): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

/** Starts `jellyfish` on ports of its own with an empty data directory. */
export async function startMediaServer(flags: readonly string[] = []): Promise<MediaServer> {
  const dataDir = await temporaryDirectory();
  const port = await freeTcpPort();
  const allFlags = [
    ...['--listen', `127.0.0.1:${port}`, '--api-token', API_TOKEN],
    // Each server is alone on this machine; the default metrics port would make two of them collide.
    ...['--metrics-listen', `127.0.0.1:${await freeTcpPort()}`],
    ...(await mediaFlags(dataDir)),
    ...flags,
  ];
  let server = await RunningServer.start(binaries.jellyfish, allFlags);
  const origin = `http://127.0.0.1:${port}`;
  return {
    get server() {
      return server;
    },
    api: new MediaServerApi(origin, API_TOKEN),
    socketUrl: `ws://127.0.0.1:${port}`,
    restart: async () => {
      server = await RunningServer.start(binaries.jellyfish, allFlags);
    },
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/**
 * Starts a whole Videoroom in the given form.
 *
 * @param host - the address at which the page is served; 0.0.0.0 for all
 */
export function startMeeting(
  deployment: Deployment,
  flags: readonly string[] = [],
  host = '127.0.0.1',
): Promise<Meeting> {
  return deployment === 'embedded' ? startEmbedded(flags, host) : startSplit(flags, host);
}

async function startEmbedded(flags: readonly string[], host: string): Promise<Meeting> {
  const dataDir = await temporaryDirectory();
  const apiPort = await freeTcpPort();
  const allFlags = [
    ...(await publicListener(host)),
    ...['--api-listen', `127.0.0.1:${apiPort}`, '--api-token', API_TOKEN],
    ...(await mediaFlags(dataDir)),
    ...flags,
  ];
  let server = await RunningServer.start(binaries.videoroom, allFlags);
  const origin = pageOrigin(server);
  return {
    origin,
    api: new MediaServerApi(`http://127.0.0.1:${apiPort}`, API_TOKEN),
    mediaServer: null,
    origins: [origin],
    crash: () => server.crash(),
    restart: async () => {
      server = await RunningServer.start(binaries.videoroom, allFlags);
    },
    log: () => server.log,
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function startSplit(flags: readonly string[], host: string): Promise<Meeting> {
  const mediaServer = await startMediaServer(['--fault-injection']);
  const dataDir = await temporaryDirectory();
  const allFlags = [
    ...(await publicListener(host)),
    ...['--data-dir', dataDir],
    ...['--media-server', mediaServer.api.origin, '--media-server-token', API_TOKEN],
    ...flags,
  ];
  let server = await RunningServer.start(binaries.videoroom, allFlags);
  const origin = pageOrigin(server);
  return {
    origin,
    api: mediaServer.api,
    mediaServer,
    origins: [origin, mediaServer.api.origin],
    crash: () => server.crash(),
    restart: async () => {
      server = await RunningServer.start(binaries.videoroom, allFlags);
    },
    log: () => `videoroom:\n${server.log}\njellyfish:\n${mediaServer.server.log}`,
    stop: async () => {
      await server.stop();
      await mediaServer.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function publicListener(host: string): Promise<readonly string[]> {
  return ['--listen', `${host}:${await freeTcpPort()}`];
}

async function mediaFlags(dataDir: string): Promise<readonly string[]> {
  return [
    ...['--data-dir', dataDir],
    ...['--media-port', String(await freeUdpPort()), '--announce', mediaAddress],
    // More workers than these rooms need, so that datagrams do land on a worker that does not own them.
    ...['--workers', '3'],
  ];
}

/** The origin that the page is served from; browsers give a camera to plain HTTP on this address. */
function pageOrigin(server: RunningServer): string {
  return `http://127.0.0.1:${new URL(server.url).port}`;
}

function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'videoroom-e2e-'));
}
