import { evidenceOf, type Evidence } from './evidence';
import { suspect } from './suspect';
import type { Edges } from '../edges';
import type { Access, Status } from '../types';
import type { Diagnosis, MediaState } from './types';

/** What a diagnosis is made of besides the connection. */
export interface Circumstances {
  readonly status: Status;
  readonly media: MediaState;
  readonly access: Access | null;
  readonly failedSessions: number;
}

/** Remembers what was tried while no media flowed, so that it can still be told when the connection is gone. */
export class Diagnostics {
  #since: number | null = null;
  #last: Evidence | null = null;
  #end: { readonly circumstances: Circumstances; readonly at: number } | null = null;

  constructor(private readonly edges: Edges) {}

  /** What is shown now. */
  observe(media: MediaState): void {
    if (media === 'flowing') {
      this.#since = null;
      this.#last = null;
    } else if (media !== 'none') {
      this.#since ??= this.edges.now();
    }
  }

  remember(evidence: Evidence): void {
    this.#last = evidence;
  }

  /** The call ends: what is true now stays so. */
  close(circumstances: Circumstances): void {
    this.#end = { circumstances: { ...circumstances, status: 'closed' }, at: this.edges.now() };
  }

  async diagnose(connection: RTCPeerConnection | null, circumstances: Circumstances): Promise<Diagnosis> {
    const { media, status, access, failedSessions } = this.#end?.circumstances ?? circumstances;
    const evidence = await this.#evidence(connection);
    const url = access === null ? null : parsed(access.url);
    const isTrouble = media !== 'none' && media !== 'flowing';
    return {
      media,
      waitedMs: isTrouble && this.#since !== null ? (this.#end?.at ?? this.edges.now()) - this.#since : 0,
      failedSessions,
      signalling: url && {
        host: url.host,
        secure: url.protocol === 'wss:' || url.protocol === 'https:',
        connected: status === 'connected',
      },
      transport: evidence?.transport ?? null,
      remoteCandidates: evidence?.remoteCandidates ?? [],
      localCandidates: evidence?.localCandidates ?? [],
      pairs: evidence?.pairs ?? [],
      suspect: evidence !== null && isTrouble ? suspect(evidence, bare(url?.hostname ?? '')) : null,
    };
  }

  /** Of the connection, unless nothing has been tried with it. */
  async #evidence(connection: RTCPeerConnection | null): Promise<Evidence | null> {
    const evidence = connection && (await evidenceOf(connection));
    return evidence?.answered === true ? evidence : (this.#last ?? evidence);
  }
}

/** The host name of a URL without the brackets of an IPv6 address. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function parsed(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    // An address that cannot be read is told as unknown.
    return null;
  }
}
