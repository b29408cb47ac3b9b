import { t } from '../strings';
import { isOn, type DevicesState } from './state';
import type { DeviceProblem } from './problem';

/** What pre-join says about the devices. */
export interface DeviceStatus {
  readonly tone: 'good' | 'problem' | 'neutral';
  readonly lines: readonly string[];
  /** Whether asking again can help. */
  readonly retry: boolean;
}

/** Not mended by asking the browser again. */
const FINAL: readonly DeviceProblem[] = ['insecure', 'unsupported', 'denied_by_system'];

export function deviceStatus(devices: DevicesState): DeviceStatus {
  const { microphone, camera } = devices;
  if (microphone.asking || camera.asking) return { tone: 'neutral', lines: [t.devices.asking], retry: false };
  const problems = [microphone.problem, camera.problem].filter((problem) => problem !== null);
  if (problems.length > 0) {
    const retry = problems.some((problem) => !FINAL.includes(problem));
    return { tone: 'problem', lines: problemLines(microphone.problem, camera.problem), retry };
  }
  return { ...working(isOn(microphone), isOn(camera)), retry: false };
}

function problemLines(microphone: DeviceProblem | null, camera: DeviceProblem | null): string[] {
  if (microphone !== null && microphone === camera) return [t.deviceProblems[microphone].both];
  return [
    ...(microphone ? [t.deviceProblems[microphone].microphone] : []),
    ...(camera ? [t.deviceProblems[camera].camera] : []),
  ];
}

function working(microphone: boolean, camera: boolean): Omit<DeviceStatus, 'retry'> {
  const { bothWork, microphoneWorks, cameraWorks, bothOff, speak } = t.devices;
  if (microphone) return { tone: 'good', lines: [`${camera ? bothWork : microphoneWorks} ${speak}`] };
  return camera ? { tone: 'good', lines: [cameraWorks] } : { tone: 'neutral', lines: [bothOff] };
}
