import { describe, expect, it } from 'vitest';

import { doubt, heard, look, started, type Beat, type Heartbeat } from '../src/signalling/heartbeat';
import { Link, type Effect } from '../src/signalling/link';
import { EventLog } from '../src/signalling/log';
import { randomNumbers } from './fakes/random';
import type { ClientEvent, ClientMessage, ServerMessage } from '../src/wire/events';

const said = (n: number): ClientEvent => ({ type: 'updateEndpointMetadata', metadata: n });
const voice = (n: number): ServerMessage => ({
  type: 'media',
  event: { type: 'voiceActivity', trackId: String(n), speaking: true },
});

describe('the log of events', () => {
  it('keeps what the server has not confirmed', () => {
    const log = new EventLog();
    for (const n of [1, 2, 3]) log.said(said(n));
    expect(log.confirm(1)).toBe(true);
    expect(log.confirm(1)).toBe(true);
    expect(log.pending).toEqual([said(2), said(3)]);
    expect(log.confirm(3)).toBe(true);
    log.said(said(4));
    expect(log.pending).toEqual([said(4)]);
  });

  it.each([1, 4])('knows that a count of %i is wrong', (received) => {
    const log = new EventLog();
    for (const n of [1, 2, 3]) log.said(said(n));
    log.confirm(2);
    expect(log.confirm(received)).toBe(false);
    expect(log.pending).toEqual([said(3)]);
  });
});

describe('the heartbeat', () => {
  const asked: Heartbeat = { asked: true, pingedAt: 3_000, due: 7_000 };

  it.each<[string, Heartbeat, number, Beat, number]>([
    ['rests', started(0), 2_999, null, 3_000],
    ['asks', started(0), 3_000, 'ping', 7_000],
    ['waits', asked, 6_999, null, 7_000],
    ['judges', asked, 7_000, 'dead', 7_000],
    ['asks again when it is late itself', asked, 9_000, 'ping', 10_000],
    ['is content with any answer', heard(asked), 4_000, null, 6_000],
    ['asks on after an answer', heard(asked), 6_000, 'ping', 10_000],
    ['doubts', doubt(started(0), 1_000), 2_000, 'dead', 2_000],
    ['does not doubt for longer because it doubts again', doubt(asked, 6_000), 7_000, 'dead', 7_000],
  ])('%s', (_, heartbeat, now, beat, due) => {
    const [next, what] = look(heartbeat, now);
    expect([what, next.due]).toEqual([beat, due]);
  });
});

/** The server's half of one session: counts, keeps, and forgets what is confirmed. */
class Server {
  readonly got: ClientEvent[] = [];
  readonly #pending: ServerMessage[] = [];
  #confirmed = 0;

  says(message: ServerMessage): void {
    this.#pending.push(message);
  }

  confirm(received: number): void {
    this.#pending.splice(0, received - this.#confirmed);
    this.#confirmed = received;
  }

  /** Answers a frame. */
  hears(message: ClientMessage): readonly ServerMessage[] {
    switch (message.type) {
      case 'media':
        this.got.push(message.event);
        return [];
      case 'ping':
        this.confirm(message.received);
        return [{ type: 'pong', received: this.got.length }];
      case 'authRequest': {
        const { session, received } = message.resume;
        const resumed = session !== '';
        if (resumed) this.confirm(received);
        const resumption = { session: 's', resumed, received: this.got.length, keptMs: 15_000 };
        return [{ type: 'authenticated', resumption }, ...(resumed ? this.#pending : [])];
      }
    }
  }
}

/** Plays a conversation over sockets that die with what is on their way in both directions. */
function converse(seed: number): { heard: ServerMessage[]; got: readonly ClientEvent[]; losses: number } {
  const random = randomNumbers(seed);
  const server = new Server();
  const link = new Link('t', random);
  const delivered: ServerMessage[] = [];
  const wire: { up: ClientMessage[]; down: ServerMessage[]; isOpen: boolean } = { up: [], down: [], isOpen: true };
  let now = 0;
  let losses = 0;

  const perform = (effects: readonly Effect[]) => {
    for (const effect of effects) {
      if (effect.do === 'transmit' && wire.isOpen) wire.up.push(effect.message);
      if (effect.do === 'deliver') delivered.push({ type: 'media', event: effect.event });
      if (effect.do === 'open') {
        Object.assign(wire, { up: [], down: [], isOpen: true });
        perform(link.opened());
      }
      if (effect.do === 'end' || effect.do === 'forgotten') throw new Error(JSON.stringify(effect));
    }
  };
  const serverTakes = () => {
    const frame = wire.up.shift();
    if (frame !== undefined) wire.down.push(...server.hears(frame));
  };
  const clientTakes = () => {
    const frame = wire.down.shift();
    if (frame !== undefined) perform(link.received(frame, now));
  };
  const dies = () => {
    Object.assign(wire, { up: [], down: [], isOpen: false });
    losses++;
    perform(link.closed(1006, '', now));
  };
  const passes = (ms: number) => {
    now += ms;
    perform(link.time(now));
  };

  perform(link.opened());
  serverTakes();
  clientTakes();
  for (let n = 1; n <= 300; n++) {
    perform(link.say(said(n)));
    const message = voice(n);
    server.says(message);
    if (wire.isOpen && wire.up.every(({ type }) => type !== 'authRequest')) wire.down.push(message);
    for (let frames = Math.floor(random() * 4); frames > 0; frames--) {
      if (random() < 0.5) serverTakes();
      else clientTakes();
    }
    if (wire.isOpen && random() < 0.1) dies();
    passes(random() * 800);
  }
  while (!wire.isOpen || wire.up.length > 0 || wire.down.length > 0) {
    passes(500);
    serverTakes();
    clientTakes();
  }
  return { heard: delivered, got: server.got, losses };
}

describe('a conversation over dying sockets', () => {
  it.each(Array.from({ length: 50 }, (_, seed) => seed))('loses and repeats nothing (seed %i)', (seed) => {
    const { heard: delivered, got, losses } = converse(seed);
    const all = Array.from({ length: 300 }, (_, i) => i + 1);
    expect(got).toEqual(all.map(said));
    expect(delivered).toEqual(all.map(voice));
    expect(losses).toBeGreaterThan(5);
  });
});
