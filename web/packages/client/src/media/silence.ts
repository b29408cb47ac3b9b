import type { RemotePeer } from '../types';

/** How long a sound may bring nothing. Lower blames networks that stumble; higher lets people wait for an answer. */
export const SILENT_AFTER_MS = 6_000;

/** Looks further apart than this say nothing: the page stood still between them. */
const STALE_MS = 5_000;

/** Packets that have arrived on each of the browser's tracks for sound, by its id. */
export type Received = ReadonlyMap<string, number>;

/**
 * Finds sounds that bring nothing although their owners send: whoever speaks without being heard must not look as if all
 * were well. Sounds of applications that do not say whether they are muted are not missed.
 */
export class Silences {
  readonly #heard = new Map<string, { readonly packets: number; readonly at: number }>();
  #lookedAt = -Infinity;

  /** Looks at what has arrived by now. The ids of the remote tracks that are missed. */
  observe(peers: readonly RemotePeer[], received: Received, now: number): ReadonlySet<string> {
    if (now - this.#lookedAt > STALE_MS) this.#heard.clear();
    this.#lookedAt = now;
    const expected = peers.flatMap(({ tracks }) => tracks).filter(({ metadata }) => metadata?.paused === false);
    const before = new Map(this.#heard);
    this.#heard.clear();
    const silent = new Set<string>();
    for (const { id, kind, stream } of expected) {
      const packets = kind === 'audio' ? received.get(stream?.getTracks()[0]?.id ?? '') : undefined;
      if (packets === undefined) continue;
      const last = before.get(id);
      const entry = last?.packets === packets ? last : { packets, at: now };
      this.#heard.set(id, entry);
      if (now - entry.at >= SILENT_AFTER_MS) silent.add(id);
    }
    return silent;
  }
}
