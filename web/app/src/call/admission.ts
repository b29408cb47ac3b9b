import type { JoinAnswer, JoinRequest } from '../api/rooms';
import type { Devices } from '../devices/devices';
import type { Claim } from '../session/claim';
import type { Stays } from '../session/resume';

/** What letting somebody in needs from outside. */
export interface AdmissionEdges {
  readonly join: (room: string, request: JoinRequest) => Promise<JoinAnswer>;
  readonly claim: (identity: string) => Promise<Claim | null>;
  readonly stays: Stays;
  readonly now: () => number;
}

export interface AdmissionOptions {
  readonly room: string;
  readonly devices: Pick<Devices, 'get'>;
  readonly edges: AdmissionEdges;
}

/** Gets this person into the room, as the same one each time. Owns the identity and the hold on it. */
export class Admission {
  /** The hold on the identity, or its being asked for. */
  private claim: Promise<Claim | null> | null = null;
  private answer: JoinAnswer | null = null;

  constructor(private readonly options: AdmissionOptions) {}

  /** Id of this peer in the latest answer; empty before. */
  get peerId(): string {
    return this.answer?.peerId ?? '';
  }

  /**
   * Makes sure that the identity of an earlier join is this tab's own. Resolves with false when another tab lives with
   * it: this one is a duplicate then, and forgets it.
   */
  async claimIdentity(): Promise<boolean> {
    const { edges, room } = this.options;
    const identity = edges.stays.read(room)?.identity;
    if (identity === undefined) return true;
    this.claim ??= edges.claim(identity);
    if (await this.claim) return true;
    this.claim = null;
    edges.stays.forget(room);
    return false;
  }

  /** Asks the server to be let in, and remembers what a reload needs. */
  async ask(name: string): Promise<JoinAnswer> {
    const { edges, room } = this.options;
    await this.claimIdentity();
    const identity = edges.stays.read(room)?.identity;
    const answer = await edges.join(room, { name, ...(identity === undefined ? {} : { identity }) });
    this.accept(answer, name);
    return answer;
  }

  /** Lets another tab have the identity. */
  release(): void {
    void this.claim?.then((claim) => claim?.release());
    this.claim = null;
  }

  private accept(answer: JoinAnswer, name: string): void {
    const { edges, room, devices } = this.options;
    const before = edges.stays.read(room);
    this.answer = answer;
    if (before?.identity !== answer.identity) {
      this.release();
      // Nobody else can have the new one yet, so there is nothing to wait for.
      this.claim = edges.claim(answer.identity);
    }
    edges.stays.write(room, {
      identity: answer.identity,
      name,
      joined: true,
      microphone: devices.get().microphone.wanted,
      camera: devices.get().camera.wanted,
      since: before?.joined ? before.since : edges.now(),
    });
  }
}
