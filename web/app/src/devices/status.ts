import { t } from '../strings';
import { canRetry, type DeviceProblem } from './problem';
import { isOn, type DevicesState } from './state';

/** What is said about the devices as a whole. */
export interface DeviceStatus {
  readonly tone: 'good' | 'problem' | 'neutral';
  readonly lines: readonly string[];
  /** Whether asking again can help. */
  readonly retry: boolean;
  /** Whether the cure is the secure address of the page. */
  readonly insecure: boolean;
}

/** @param secureKnown - whether the server is known to answer at the secure address. */
export function deviceStatus(devices: DevicesState, secureKnown: boolean): DeviceStatus {
  const { microphone, camera } = devices;
  if (microphone.asking || camera.asking) return { ...NO_PROBLEM, tone: 'neutral', lines: [waiting(devices)] };
  const problems = [microphone.problem, camera.problem].filter((problem) => problem !== null);
  if (problems.length === 0) return { ...NO_PROBLEM, ...working(isOn(microphone), isOn(camera)) };
  return {
    tone: 'problem',
    lines: problemLines(microphone.problem, camera.problem, secureKnown),
    retry: problems.some(canRetry),
    insecure: problems.includes('insecure'),
  };
}

const NO_PROBLEM = { retry: false, insecure: false } as const;

/** Says why the devices are asked for, as long as the browser's question is open. */
export function waiting({ microphone, camera, prompting }: DevicesState): string {
  if (!prompting) return t.devices.starting;
  if (!camera.asking) return t.devices.askingMicrophone;
  return microphone.asking ? t.devices.asking : t.devices.askingCamera;
}

function problemLines(microphone: DeviceProblem | null, camera: DeviceProblem | null, secureKnown: boolean): string[] {
  const words = (problem: DeviceProblem) =>
    secureKnown && problem === 'insecure' ? t.secureKnown : t.deviceProblems[problem];
  if (microphone !== null && microphone === camera) return [words(microphone).both];
  return [...(microphone ? [words(microphone).microphone] : []), ...(camera ? [words(camera).camera] : [])];
}

function working(microphone: boolean, camera: boolean): Pick<DeviceStatus, 'tone' | 'lines'> {
  const { bothWork, microphoneWorks, cameraWorks, bothOff, speak } = t.devices;
  if (microphone) return { tone: 'good', lines: [`${camera ? bothWork : microphoneWorks} ${speak}`] };
  return camera ? { tone: 'good', lines: [cameraWorks] } : { tone: 'neutral', lines: [bothOff] };
}
