import { fakeSession, type FakeDevices, type FakeProblem, type FakeSession } from '../../../stories/fakes';
import { press, type Stories, type Story } from '../../../stories/story';
import { t } from '../../strings';
import { PreJoin } from './PreJoin';

const story = (options: FakeSession = {}, joining = false): Story => ({
  render: async () => <PreJoin session={await fakeSession(options)} joining={joining} />,
});

const PROBLEMS: readonly FakeProblem[] = [
  'denied',
  'denied_by_system',
  'dismissed',
  'busy',
  'missing',
  'overconstrained',
  'failed',
  'insecure',
  'unsupported',
];

const everyDevice: FakeDevices = {
  microphones: ['Headset microphone', 'Microphone of the laptop with an exceedingly long name'],
  cameras: ['Front camera', 'Back camera'],
  speakers: ['Headphones', 'Loudspeakers'],
};

export default {
  ready: { ...story({ devices: everyDevice }), ultrawide: true },
  options: { ...story({ devices: everyDevice }), act: openOptions },
  joining: story({}, true),
  asking: story({ devices: { problems: { camera: 'asking', microphone: 'asking' } } }),
  bothOff: story({ camera: false, microphone: false }),
  cameraMissing: story({ devices: { problems: { camera: 'missing' } } }),
  microphoneBusy: story({ devices: { problems: { microphone: 'busy' } } }),
  noName: {
    ...story({ name: '' }),
    act: (root) => root.querySelector<HTMLButtonElement>('button[type=submit]')?.click(),
  },
  longNames: story({
    room: 'The quarterly meeting of everybody who wants to be there at noon',
    name: 'Ana '.repeat(16),
  }),
  ...Object.fromEntries(
    PROBLEMS.map((problem) => [problem, story({ devices: { problems: { camera: problem, microphone: problem } } })]),
  ),
} satisfies Stories;

/** On phones the devices are behind a button. */
function openOptions(root: HTMLElement): void {
  if (!window.matchMedia('(min-width: 768px)').matches) press(t.devices.options)(root);
}
