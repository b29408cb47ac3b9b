import type { Person } from '../src/call/people';
import { RoomSession } from '../src/call/roomSession';
import type { DeviceKind, MediaEdges } from '../src/devices/edges';
import { roomLink } from '../src/session/roomLink';
import { Stays } from '../src/session/resume';
import { paintedPerson, paintedScreen, paintedUprightScreen } from './painted';

/** What the browser's devices do in a story. */
export interface FakeDevices {
  /** What keeps them from working; `asking` while the browser's question is open. */
  readonly problems?: Partial<Record<DeviceKind, FakeProblem>>;
  /** Labels of what is plugged in. */
  readonly microphones?: readonly string[];
  readonly cameras?: readonly string[];
  readonly speakers?: readonly string[];
}

export type FakeProblem = keyof typeof REFUSALS | 'insecure' | 'unsupported' | 'asking';

/** Name and message of the error with which browsers refuse. */
const REFUSALS = {
  denied: ['NotAllowedError', ''],
  denied_by_system: ['NotAllowedError', 'Permission denied by system'],
  dismissed: ['NotAllowedError', 'Permission dismissed'],
  busy: ['NotReadableError', ''],
  missing: ['NotFoundError', ''],
  overconstrained: ['OverconstrainedError', ''],
  failed: ['UnknownError', ''],
} as const;

export interface FakeSession {
  readonly room?: string;
  readonly name?: string;
  readonly devices?: FakeDevices;
  readonly microphone?: boolean;
  readonly camera?: boolean;
  /** Whether screens can be shared here; default true. */
  readonly canShare?: boolean;
  /** What others reach the page by. */
  readonly address?: string;
}

/** A session with painted devices and no server, after the browser has answered about them. */
export async function fakeSession(options: FakeSession = {}): Promise<RoomSession> {
  const { room = 'quiet-amber-otter', name = 'Ana Kowalska', devices = {}, canShare = true } = options;
  const storage = new Map<string, string>();
  const session = new RoomSession({
    room,
    options: { name, join: false, camera: true, microphone: true },
    preferences: {},
    remember: () => undefined,
    media: fakeMedia(devices),
    screen: {
      getDisplayMedia: canShare ? () => Promise.resolve(new MediaStream([screenTrack()])) : null,
      filtersOwnSound: false,
    },
    call: {
      join: () => new Promise(() => undefined),
      loadClient: () => new Promise(() => undefined),
      claim: () => Promise.resolve({ release: () => undefined }),
      stays: new Stays({
        getItem: (key) => storage.get(key) ?? null,
        setItem: (key, value) => void storage.set(key, value),
        removeItem: (key) => void storage.delete(key),
      }),
      now: () => Date.now(),
    },
    addresses: () => Promise.resolve([]),
  });
  session.link.set(roomLink(room, [options.address ?? 'https://meet.example']));
  const started = session.devices.start({ microphone: options.microphone ?? true, camera: options.camera ?? true });
  // A question that stays open is a state of its own.
  if (!Object.values(devices.problems ?? {}).includes('asking')) await started;
  return session;
}

/** Somebody in the room; `number` says how they look, null that the camera is off. */
export function fakePerson(name: string, number: number | null, changes: Partial<Person> = {}): Person {
  return {
    id: name,
    peerId: name,
    name,
    self: false,
    audio: true,
    video: number !== null,
    speaking: false,
    stream: number === null ? null : new MediaStream([paintedPerson(number)]),
    shares: [],
    sounds: [],
    silent: false,
    weak: null,
    away: false,
    ...changes,
  };
}

/** Five people as on a usual day: one speaks, some are muted, one has no picture. */
export function fakePeople(): Person[] {
  return [
    fakePerson('Ana Kowalska', 0, { self: true }),
    fakePerson('Ben', 1, { speaking: true }),
    fakePerson('Chiara', 2, { audio: false }),
    fakePerson('Dmitri', null, { audio: false }),
    fakePerson('Emeka', 3),
  ];
}

/** A screen that somebody shows. */
export function fakeShare(): Person['shares'][number] {
  return { trackId: 'screen', stream: new MediaStream([paintedScreen()]) };
}

/** One that stands upright. */
export function fakeUprightShare(): Person['shares'][number] {
  return { trackId: 'upright', stream: new MediaStream([paintedUprightScreen()]) };
}

/** As a shared window: its own preview is harmless. */
function screenTrack(): MediaStreamTrack {
  const track = paintedScreen();
  return Object.assign(track, { getSettings: () => ({ displaySurface: 'window' }) });
}

function fakeMedia(devices: FakeDevices): MediaEdges {
  const { problems = {} } = devices;
  const all = Object.values(problems);
  const getUserMedia = ({ audio, video }: MediaStreamConstraints = {}): Promise<MediaStream> => {
    const wanted: DeviceKind[] = [...(audio ? (['microphone'] as const) : []), ...(video ? (['camera'] as const) : [])];
    if (wanted.some((kind) => problems[kind] === 'asking')) return new Promise(() => undefined);
    const refused = wanted.map((kind) => refusal(problems[kind])).find((error) => error !== null);
    if (refused) return Promise.reject(refused);
    const tracks = wanted.map((kind) => (kind === 'camera' ? paintedPerson(0) : silence()));
    for (const track of tracks) {
      const [first] = track.kind === 'video' ? (devices.cameras ?? CAMERAS) : (devices.microphones ?? MICROPHONES);
      Object.assign(track, { getSettings: () => ({ deviceId: first }) });
    }
    return Promise.resolve(new MediaStream(tracks));
  };
  return {
    mediaDevices: all.some((problem) => problem === 'insecure' || problem === 'unsupported')
      ? null
      : Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve(list(devices)) }),
    secure: !all.includes('insecure'),
    canChooseSpeaker: devices.speakers !== undefined,
    permission: (kind) => {
      const problem = problems[kind];
      if (problem === 'asking' || problem === 'dismissed') return Promise.resolve('prompt');
      return Promise.resolve(problem === 'denied' ? 'denied' : 'granted');
    },
    watchPermission: () => () => undefined,
  };
}

function refusal(problem: FakeProblem | undefined): DOMException | null {
  if (problem === undefined || !(problem in REFUSALS)) return null;
  const [name, message] = REFUSALS[problem as keyof typeof REFUSALS];
  return new DOMException(message, name);
}

const MICROPHONES: readonly string[] = ['Headset microphone'];
const CAMERAS: readonly string[] = ['Front camera'];

function list({
  microphones = MICROPHONES,
  cameras = CAMERAS,
  speakers = [],
  problems = {},
}: FakeDevices): MediaDeviceInfo[] {
  const entries = (kind: MediaDeviceKind, labels: readonly string[]) =>
    labels.map((label) => ({ kind, label, deviceId: label, groupId: '', toJSON: () => label }));
  return [
    ...entries('audioinput', problems.microphone === 'missing' ? [] : microphones),
    ...entries('videoinput', problems.camera === 'missing' ? [] : cameras),
    ...entries('audiooutput', speakers),
  ];
}

let audio: AudioContext | null = null;

function silence(): MediaStreamTrack {
  audio ??= new AudioContext();
  const [track] = audio.createMediaStreamDestination().stream.getAudioTracks();
  if (!track) throw new Error('a destination node has an audio track');
  return track;
}
