import { describe, expect, it } from 'vitest';
import { t } from '../strings';
import { NO_DEVICES_YET, type DevicesState, type KindState } from './state';
import { deviceStatus } from './status';

const off: KindState = { wanted: false, asking: false, track: null, problem: null };
const on: KindState = { ...off, wanted: true, track: {} as MediaStreamTrack };
const asking: KindState = { ...off, wanted: true, asking: true };
const bad = (problem: KindState['problem']): KindState => ({ ...off, wanted: true, problem });
const devices = (microphone: KindState, camera: KindState): DevicesState => ({ ...NO_DEVICES_YET, microphone, camera });

describe('deviceStatus', () => {
  it.each([
    ['both work', on, on, 'good', [`${t.devices.bothWork} ${t.devices.speak}`], false],
    ['camera only', off, on, 'good', [t.devices.cameraWorks], false],
    ['neither wanted', off, off, 'neutral', [t.devices.bothOff], false],
    ['asking', asking, on, 'neutral', [t.devices.asking], false],
    ['both denied', bad('denied'), bad('denied'), 'problem', [t.deviceProblems.denied.both], true],
    ['only camera missing', on, bad('missing'), 'problem', [t.deviceProblems.missing.camera], true],
    [
      'each its own',
      bad('busy'),
      bad('missing'),
      'problem',
      [t.deviceProblems.busy.microphone, t.deviceProblems.missing.camera],
      true,
    ],
    ['plain HTTP', bad('insecure'), bad('insecure'), 'problem', [t.deviceProblems.insecure.both], false],
  ] as const)('%s', (_, microphone, camera, tone, lines, retry) => {
    expect(deviceStatus(devices(microphone, camera))).toEqual({ tone, lines, retry });
  });

  it('every problem has a sentence and a cure of its own', () => {
    const texts = Object.values(t.deviceProblems).flatMap((words) => Object.values(words));
    expect(new Set(texts).size).toBe(texts.length);
  });
});
