import type { Snapshot } from '@videoroom/client';
import type { Devices } from '../devices/devices';
import { isMirrored } from '../devices/facing';
import { isOn } from '../devices/state';
import type { Capture } from '../screen/capture';
import type { Screen } from '../screen/screen';
import { field, nextPeople, remotePeople, selfPerson, type Holding, type Person, type Share } from './people';
import type { Weakness } from './uplink';

/** After a reconnection others may still be on their way back; this long their places are kept. */
const HOLD_MS = 6_000;

export interface CastOptions {
  readonly devices: Pick<Devices, 'get'>;
  readonly screen: Pick<Screen, 'get'>;
  /** Told when places are no longer held although nothing else changed. */
  readonly onDue: () => void;
}

/** Who is shown in the room, in which order: remembers places over reconnections. */
export class Cast {
  private order = new Map<string, number>();
  private shown: readonly Person[] = [];
  /** Whether the room was out of reach at the last look. */
  private wasAway = false;
  /** Runs while places are held. A clock that is corrected meanwhile measures nothing. */
  private timer: ReturnType<typeof setTimeout> | undefined;
  private previewStream: MediaStream | null = null;

  constructor(private readonly options: CastOptions) {}

  /** The people to show now. The same list while nothing changed. */
  read(snapshot: Snapshot, name: string, peerId: string, weak: Weakness | null): readonly Person[] {
    const { microphone, camera } = this.options.devices.get();
    const self = selfPerson({
      personId: field(snapshot.serverMetadata ?? null, 'personId'),
      peerId: snapshot.peerId ?? peerId,
      name,
      audio: isOn(microphone),
      video: isOn(camera),
      speaking: snapshot.localSpeaking,
      stream: this.preview(),
      unmirrored: camera.track !== null && !isMirrored(camera.track),
      weak,
      shares: ownShares(this.options.screen.get().capture),
    });
    const people = [self, ...remotePeople(snapshot.peers, self.id)];
    this.shown = nextPeople(this.shown, this.order, people, this.holding(snapshot));
    return this.shown;
  }

  /** Forgets everybody: another call begins. */
  reset(): void {
    this.release();
    this.order = new Map();
    this.shown = [];
    this.wasAway = false;
  }

  private holding({ status }: Snapshot): Holding {
    const { wasAway } = this;
    this.wasAway = status !== 'connected';
    if (wasAway && !this.wasAway) this.hold();
    // At the very moment of being back, whoever is missing has not come back yet.
    if (this.wasAway || wasAway) return 'everybody';
    return this.timer === undefined ? 'nobody' : 'away';
  }

  /** Keeps the places of the missing for a while after a reconnection. */
  private hold(): void {
    this.release();
    this.timer = setTimeout(() => {
      this.release();
      this.options.onDue();
    }, HOLD_MS);
  }

  private release(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** The own camera as a stream: the same object as long as the track is the same. */
  private preview(): MediaStream | null {
    const { track } = this.options.devices.get().camera;
    if (!track) this.previewStream = null;
    else if (this.previewStream?.getVideoTracks()[0] !== track) this.previewStream = new MediaStream([track]);
    return this.previewStream;
  }
}

function ownShares(capture: Capture | null): readonly Share[] {
  return capture ? [{ trackId: capture.video.id, stream: capture.preview }] : [];
}
