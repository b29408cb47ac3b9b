import { DEVICE_KINDS, type DeviceKind, type MediaEdges } from './edges';
import { classifyDeviceError, contextProblem, type DeviceProblem } from './problem';

/** How a device is asked for. */
export interface DeviceWish {
  readonly deviceId?: string | undefined;
  /** The person chose this very device: better an error than another one. */
  readonly exactly?: boolean;
  /** For phones: front or back. */
  readonly facing?: 'user' | 'environment' | undefined;
}

/** What came of asking for one kind. */
export type Acquired = { readonly track: MediaStreamTrack } | { readonly problem: DeviceProblem };

export type Wishes = Partial<Record<DeviceKind, DeviceWish>>;

/** Nothing larger is sent, so nothing larger is captured. */
const CAMERA: MediaTrackConstraints = {
  width: { ideal: 640 },
  height: { ideal: 360 },
  frameRate: { ideal: 30, max: 30 },
};
const MICROPHONE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

function constraintsFor(wishes: Wishes): MediaStreamConstraints {
  const { microphone, camera } = wishes;
  return {
    ...(microphone ? { audio: { ...MICROPHONE, ...device(microphone) } } : {}),
    ...(camera ? { video: { ...CAMERA, ...device(camera) } } : {}),
  };
}

function device({ deviceId, exactly = false, facing }: DeviceWish): MediaTrackConstraints {
  if (facing) return { facingMode: { ideal: facing } };
  if (deviceId === undefined) return {};
  return { deviceId: exactly ? { exact: deviceId } : { ideal: deviceId } };
}

/**
 * Asks for everything at once, so that the browser shows one question, and finds out afterwards what failed. Resolves
 * with one result for each wish.
 */
export async function acquire(edges: MediaEdges, wishes: Wishes): Promise<Map<DeviceKind, Acquired>> {
  const kinds = DEVICE_KINDS.filter((kind) => wishes[kind] !== undefined);
  const impossible = contextProblem(edges);
  if (impossible || !edges.mediaDevices) {
    return new Map(kinds.map((kind) => [kind, { problem: impossible ?? 'unsupported' }]));
  }
  try {
    const stream = await edges.mediaDevices.getUserMedia(constraintsFor(wishes));
    return new Map(kinds.map((kind) => [kind, pick(stream, kind)]));
  } catch (error) {
    const [first] = kinds;
    if (kinds.length === 1 && first) return new Map([[first, await explain(edges, first, error)]]);
    return acquireSeparately(edges, wishes, error);
  }
}

/** One kind may work although both together do not. Never asks again for what the person just refused. */
async function acquireSeparately(
  edges: MediaEdges,
  wishes: Wishes,
  error: unknown,
): Promise<Map<DeviceKind, Acquired>> {
  const refused = error instanceof Error && ['NotAllowedError', 'SecurityError'].includes(error.name);
  const results = new Map<DeviceKind, Acquired>();
  for (const kind of DEVICE_KINDS) {
    const wish = wishes[kind];
    if (!wish) continue;
    const askAgain = !refused || (await edges.permission(kind)) === 'granted';
    const result = askAgain ? await acquire(edges, { [kind]: wish }) : null;
    results.set(kind, result?.get(kind) ?? (await explain(edges, kind, error)));
  }
  return results;
}

async function explain(edges: MediaEdges, kind: DeviceKind, error: unknown): Promise<Acquired> {
  return { problem: classifyDeviceError(error, await edges.permission(kind)) };
}

function pick(stream: MediaStream, kind: DeviceKind): Acquired {
  const [track] = kind === 'microphone' ? stream.getAudioTracks() : stream.getVideoTracks();
  return track ? { track } : { problem: 'missing' };
}
