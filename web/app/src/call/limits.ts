import type { EncodingLimits } from '@videoroom/client';
import { FRAME_RATES, LONGEST, type Hint } from '../screen/capture';

interface Step {
  /** Up to this many people in the room. */
  readonly people: number;
  /** The longer side of the picture, pixels. */
  readonly longest: number;
  readonly maxBitrate: number;
  readonly maxFramerate: number;
}

/**
 * One encoding serves everybody, so it must suit the weakest: larger numbers look better in a small room and choke
 * downlinks (people × bitrate) in a large one; smaller numbers blur faces for no gain.
 */
const CAMERA_STEPS: readonly Step[] = [
  { people: 6, longest: 640, maxBitrate: 600_000, maxFramerate: 30 },
  { people: 12, longest: 480, maxBitrate: 300_000, maxFramerate: 24 },
  { people: Infinity, longest: 320, maxBitrate: 150_000, maxFramerate: 15 },
];

/** How a camera of this size is sent in a room of this many people. */
export function cameraLimits(people: number, size: { width?: number; height?: number }): Required<EncodingLimits> {
  const step = CAMERA_STEPS.find((candidate) => people <= candidate.people) ?? CAMERA_STEPS[0];
  const { longest = 640, maxBitrate = 600_000, maxFramerate = 30 } = step ?? {};
  const side = Math.max(size.width ?? 640, size.height ?? 360);
  return { maxBitrate, maxFramerate, scaleResolutionDownBy: Math.max(1, side / longest) };
}

/**
 * A shared screen is the one large picture of everybody: less blurs text for seconds after each change, more is beyond
 * many uplinks.
 */
const SHARE_MAX_BITRATE = 2_500_000;

/** How a shared screen of this size is sent. */
export function shareLimits(
  hint: Hint,
  { width = 0, height = 0 }: { width?: number; height?: number },
): Required<EncodingLimits> {
  const scaleResolutionDownBy = Math.max(1, width / LONGEST, height / LONGEST);
  return { maxBitrate: SHARE_MAX_BITRATE, maxFramerate: FRAME_RATES[hint], scaleResolutionDownBy };
}
