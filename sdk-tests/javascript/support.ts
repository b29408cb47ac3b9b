/** The built media server, peers that join its rooms, and what a notifier heard. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FishjamClient, FishjamWSNotifier, type ExpectedEvents } from '@fishjam-cloud/js-server-sdk';
import { NOTIFICATIONS } from './ledger';

export const TOKEN = 'sdk-test-token';

/** Longest wait for anything that must happen: generous, because machines are slow. */
const PATIENCE = 20_000;

/** Looks until there is something to see; says what was missing when nothing comes. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A program whose lines can be waited for. */
class Program {
  private readonly lines: AsyncIterator<string>;

  private constructor(private readonly child: ChildProcess) {
    if (!child.stdout) throw new Error('the program has no output');
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static start(name: string, args: string[]): Program {
    const binary = process.env[name];
    if (!binary) throw new Error(`${name} names no program: run \`cargo xtask test sdk\``);
    return new Program(spawn(binary, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  async line(what: string): Promise<string> {
    const late = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error(`${what}: nothing came`)), PATIENCE).unref(),
    );
    const next = await Promise.race([this.lines.next(), late]);
    if (next.done) throw new Error(`${what}: the program has ended`);
    return next.value;
  }

  say(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    await ended;
  }
}

/** A peer in a room: the program `videoroom-peer`. */
export class Peer {
  private constructor(
    private readonly program: Program,
    readonly id: string,
  ) {}

  static async join(server: Server, token: string, metadata: unknown): Promise<Peer> {
    const url = server.url.replace('http', 'ws');
    const program = Program.start('PEER_BIN', ['--url', url, '--token', token, '--metadata', JSON.stringify(metadata)]);
    server.keep(program);
    const { joined } = JSON.parse(await program.line('a peer that joins')) as { joined: string };
    return new Peer(program, joined);
  }

  /** Publishes a track; returns its id. */
  async publish(kind: 'audio' | 'video', metadata: unknown): Promise<string> {
    return (await this.command(`publish ${kind} ${JSON.stringify(metadata)}`)) ?? '';
  }

  async updateTrack(track: string, metadata: unknown): Promise<void> {
    await this.command(`update-track ${track} ${JSON.stringify(metadata)}`);
  }

  async unpublish(track: string): Promise<void> {
    await this.command(`unpublish ${track}`);
  }

  leave(): void {
    this.program.say('leave');
  }

  /** Waits until the server has ended the session. */
  async closed(): Promise<{ code: number; reason: string }> {
    return (JSON.parse(await this.program.line('a session that ends')) as { closed: { code: number; reason: string } })
      .closed;
  }

  private async command(line: string): Promise<string | null> {
    this.program.say(line);
    const answer = JSON.parse(await this.program.line(line)) as { done?: string | null; failed?: string };
    if (answer.done === undefined) throw new Error(`${line}: ${answer.failed ?? 'no answer'}`);
    return answer.done;
  }
}

/** The built media server, on free ports. */
export class Server {
  private readonly programs: Program[] = [];

  private constructor(
    private readonly program: Program,
    private readonly data: string,
    readonly url: string,
  ) {}

  static async start(moreFlags: string[] = []): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), 'sdk-tests-'));
    const flags = [
      '--listen',
      '127.0.0.1:0',
      '--media-port',
      '0',
      '--announce',
      '127.0.0.1',
      '--tls',
      'off',
      '--metrics-listen',
      'off',
    ];
    flags.push('--api-token', TOKEN, '--data-dir', data, '--log-level', 'warn', '--fault-injection');
    flags.push(...moreFlags);
    const program = Program.start('JELLYFISH_BIN', flags);
    for (;;) {
      const line = await program.line('the server');
      const ready = /^ready: \w+:\/\/([^/]+)/.exec(line)?.[1];
      if (ready) return new Server(program, data, `http://${ready.replace('localhost', '127.0.0.1')}`);
    }
  }

  client(managementToken = TOKEN): FishjamClient {
    return new FishjamClient({ fishjamId: this.url, managementToken });
  }

  /** Breaks a room, or one peer of it. */
  async crash(room: string, peer?: string): Promise<void> {
    const path = `/fault/room/${room}${peer ? `/peer/${peer}` : ''}`;
    const answer = await fetch(this.url + path, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  }

  keep(program: Program): void {
    this.programs.push(program);
  }

  async endPeers(): Promise<void> {
    await Promise.all(this.programs.splice(0).map((program) => program.end('SIGKILL')));
  }

  async stop(): Promise<void> {
    await this.endPeers();
    await this.program.end('SIGTERM');
    await rm(this.data, { recursive: true });
  }
}

/** One notification. */
export interface Told {
  name: ExpectedEvents;
  message: Record<string, unknown>;
}

const EVENTS = Object.keys(NOTIFICATIONS) as ExpectedEvents[];

/** What the SDK's notifier hears. */
export class Heard {
  private readonly told: Told[] = [];

  /** Returns once notifications arrive: the SDK does not say when. */
  static async from(server: Server): Promise<Heard> {
    const heard = new Heard();
    const config = { fishjamId: server.url, managementToken: TOKEN };
    let failure: string | undefined;
    const notifier = new FishjamWSNotifier(
      config,
      () => (failure = 'an error'),
      (code, reason) => (failure = `${code} ${reason}`),
    );
    for (const name of EVENTS) {
      notifier.on(name, (message: object) => heard.told.push({ name, message: message as Record<string, unknown> }));
    }
    await eventually('the first notification', async () => {
      if (failure) throw new Error(`the notifier has ended: ${failure}`);
      const room = await server.client().createRoom();
      await server.client().deleteRoom(room.id);
      return heard.told.length > 0;
    });
    return heard;
  }

  of(room: string): Told[] {
    return this.told.filter(({ message }) => message['roomId'] === room);
  }

  /** Kinds of notifications that never came, for whatever room. */
  never(): ExpectedEvents[] {
    return EVENTS.filter((name) => !this.told.some((told) => told.name === name));
  }

  names(room: string): string[] {
    return this.of(room).map(({ name }) => name);
  }

  /** Waits until a room has so many notifications. */
  async expect(room: string, count: number): Promise<string[]> {
    await eventually(`${count} notifications`, () => this.of(room).length >= count);
    return this.names(room);
  }
}
