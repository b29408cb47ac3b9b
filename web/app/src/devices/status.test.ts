import { describe, expect, it } from 'vitest';
import { t } from '../strings';
import { NO_DEVICES_YET, type DevicesState, type KindState } from './state';
import { deviceStatus } from './status';

const off: KindState = { wanted: false, asking: false, track: null, problem: null };
const on: KindState = { ...off, wanted: true, track: {} as MediaStreamTrack };
const asking: KindState = { ...off, wanted: true, asking: true };
const bad = (problem: KindState['problem']): KindState => ({ ...off, wanted: true, problem });
const devices = (microphone: KindState, camera: KindState): DevicesState => ({ ...NO_DEVICES_YET, microphone, camera });

const { devices: say, deviceProblems } = t;

describe('deviceStatus', () => {
  it.each([
    ['both work', on, on, 'good', [`${say.bothWork} ${say.speak}`], false],
    ['camera only', off, on, 'good', [say.cameraWorks], false],
    ['neither wanted', off, off, 'neutral', [say.bothOff], false],
    ['starting', asking, on, 'neutral', [say.starting], false],
    ['both denied', bad('denied'), bad('denied'), 'problem', [deviceProblems.denied.both], true],
    ['only camera missing', on, bad('missing'), 'problem', [deviceProblems.missing.camera], true],
    ['interrupted', { ...on, problem: 'interrupted' }, on, 'problem', [deviceProblems.interrupted.microphone], true],
    [
      'each its own',
      bad('busy'),
      bad('missing'),
      'problem',
      [deviceProblems.busy.microphone, deviceProblems.missing.camera],
      true,
    ],
    ['plain HTTP', bad('insecure'), bad('insecure'), 'problem', [deviceProblems.insecure.both], false],
  ] as const)('%s', (_, microphone, camera, tone, lines, retry) => {
    const insecure = camera.problem === 'insecure';
    expect(deviceStatus(devices(microphone, camera), false)).toEqual({ tone, lines, retry, insecure });
  });

  it('knows the cure of plain HTTP when the secure address works', () => {
    const state = devices(bad('insecure'), bad('insecure'));
    expect(deviceStatus(state, true)).toMatchObject({ lines: [t.secureKnown.both], insecure: true });
    expect(deviceStatus(devices(off, bad('insecure')), true).lines).toEqual([t.secureKnown.camera]);
  });

  it.each([
    [asking, asking, say.asking],
    [off, asking, say.askingCamera],
    [asking, off, say.askingMicrophone],
  ])('says what it asks for', (microphone, camera, words) => {
    const state = { ...devices(microphone, camera), prompting: true };
    expect(deviceStatus(state, false).lines).toEqual([words]);
  });

  it('every problem has a sentence and a cure of its own', () => {
    const texts = Object.values(t.deviceProblems).flatMap((words) => Object.values(words));
    expect(new Set(texts).size).toBe(texts.length);
  });
});
