import { DEVICE_KINDS, type DeviceKind, type MediaEdges } from './edges';
import type { Facing } from './facing';
import { classifyDeviceError, contextProblem, type DeviceProblem } from './problem';

/** How a device is asked for. */
export interface DeviceWish {
  readonly deviceId?: string | undefined;
  /** The person chose this very device: better an error than another one. */
  readonly exactly?: boolean;
  /** For phones: front or back. */
  readonly facing?: Facing | undefined;
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

/**
 * How much is insisted on, from what is wished for to what any device can do: the very device, then any, then even one
 * that cannot do what the page would like. Chromium takes no notice of a microphone that is merely preferred.
 */
type Manner = 'this_one' | 'any' | 'as_it_is';

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
  const attempt = await ask(edges.mediaDevices, wishes, 'this_one');
  if ('stream' in attempt) return new Map(kinds.map((kind) => [kind, pick(attempt.stream, kind)]));
  const [first] = kinds;
  if (kinds.length !== 1 || !first) return acquireSeparately(edges, wishes, attempt);
  return new Map([[first, await acquireModestly(edges, edges.mediaDevices, first, wishes, attempt)]]);
}

interface Refusal {
  readonly error: unknown;
  readonly tookMs: number;
}

/** One kind may work although both together do not. Never asks again for what the person just refused. */
async function acquireSeparately(
  edges: MediaEdges,
  wishes: Wishes,
  refusal: Refusal,
): Promise<Map<DeviceKind, Acquired>> {
  const refused = ['NotAllowedError', 'SecurityError'].includes(nameOf(refusal.error));
  const results = new Map<DeviceKind, Acquired>();
  for (const kind of DEVICE_KINDS) {
    const wish = wishes[kind];
    if (!wish) continue;
    const askAgain = !refused || (await edges.permission(kind)) === 'granted';
    const result = askAgain ? await acquire(edges, { [kind]: wish }) : null;
    results.set(kind, result?.get(kind) ?? (await explain(edges, kind, refusal)));
  }
  return results;
}

/** A remembered device may be gone, and one that cannot do what the page would like may still work as it is. */
async function acquireModestly(
  edges: MediaEdges,
  media: Asked,
  kind: DeviceKind,
  wishes: Wishes,
  refusal: Refusal,
): Promise<Acquired> {
  const manners: readonly Manner[] = wishes[kind]?.exactly ? ['as_it_is'] : ['any', 'as_it_is'];
  let last = refusal;
  for (const manner of manners) {
    if (nameOf(last.error) !== 'OverconstrainedError') break;
    const result = await ask(media, wishes, manner);
    if ('stream' in result) return pick(result.stream, kind);
    last = result;
  }
  return explain(edges, kind, last);
}

type Asked = NonNullable<MediaEdges['mediaDevices']>;

async function ask(media: Asked, wishes: Wishes, manner: Manner): Promise<{ readonly stream: MediaStream } | Refusal> {
  const started = performance.now();
  try {
    return { stream: await media.getUserMedia(constraintsFor(wishes, manner)) };
  } catch (error) {
    return { error, tookMs: performance.now() - started };
  }
}

function constraintsFor({ microphone, camera }: Wishes, manner: Manner): MediaStreamConstraints {
  const well = manner !== 'as_it_is';
  return {
    ...(microphone ? { audio: { ...(well ? MICROPHONE : {}), ...device(microphone, manner) } } : {}),
    ...(camera ? { video: { ...(well ? CAMERA : {}), ...device(camera, manner) } } : {}),
  };
}

function device({ deviceId, exactly = false, facing }: DeviceWish, manner: Manner): MediaTrackConstraints {
  if (facing) return { facingMode: { ideal: facing } };
  if (deviceId === undefined) return {};
  return { deviceId: exactly || manner === 'this_one' ? { exact: deviceId } : { ideal: deviceId } };
}

async function explain(edges: MediaEdges, kind: DeviceKind, { error, tookMs }: Refusal): Promise<Acquired> {
  return { problem: classifyDeviceError(error, { permission: await edges.permission(kind), tookMs }) };
}

function pick(stream: MediaStream, kind: DeviceKind): Acquired {
  const [track] = kind === 'microphone' ? stream.getAudioTracks() : stream.getVideoTracks();
  return track ? { track } : { problem: 'missing' };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
