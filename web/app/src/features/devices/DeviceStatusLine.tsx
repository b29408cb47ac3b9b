import { CircleAlert, CircleCheck, Info, RotateCw, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Devices } from '../../devices/devices';
import { isOn } from '../../devices/state';
import { deviceStatus, type DeviceStatus } from '../../devices/status';
import { t } from '../../strings';
import { classes } from '../../ui/classes';
import { useStore } from '../../ui/store';
import { useSecureAddress } from './useSecureAddress';

interface DeviceStatusLineProps {
  readonly devices: Devices;
  /** `door` also says that all is well, and that joining is possible; `call` only says what is wrong. */
  readonly place: 'door' | 'call';
}

const ICONS = {
  good: { Icon: CircleCheck, tint: 'text-good' },
  problem: { Icon: CircleAlert, tint: 'text-warning' },
  neutral: { Icon: Info, tint: 'text-muted' },
};

/** Says that the devices work, or what does not and how to mend it. */
export function DeviceStatusLine({ devices, place }: DeviceStatusLineProps) {
  const state = useStore(devices);
  const insecure = deviceStatus(state, false).insecure;
  const secureAddress = useSecureAddress(insecure);
  const status = deviceStatus(state, secureAddress !== null);
  const isProblem = status.tone === 'problem';
  // The reason then stands in the place of the picture.
  const reasonAbove = state.prompting && !isOn(state.camera);
  // The region stays, so that screen readers notice what comes into it.
  return (
    <div role="status" className={classes(place === 'call' && !isProblem && 'sr-only')}>
      {(isProblem || place === 'door') && (
        <Status status={status} place={place} address={secureAddress} devices={devices} reasonAbove={reasonAbove} />
      )}
    </div>
  );
}

interface StatusProps extends DeviceStatusLineProps {
  readonly status: DeviceStatus;
  readonly address: string | null;
  /** The lines stand elsewhere on the screen. */
  readonly reasonAbove: boolean;
}

function Status({ status, place, address, reasonAbove, devices }: StatusProps) {
  const { tone, lines, retry, insecure } = status;
  const { Icon, tint } = ICONS[tone];
  const isProblem = tone === 'problem';
  return (
    <div
      className={classes(
        'flex items-start gap-2.5 text-[13px] leading-5',
        isProblem ? 'rounded-control border border-line bg-surface px-3.5 py-3 text-text' : 'text-muted',
      )}
    >
      <Icon size={18} strokeWidth={1.9} aria-hidden className={`mt-px shrink-0 ${tint}`} />
      <div className="flex min-w-0 flex-1 flex-col items-start gap-1">
        {lines.map((line) => (
          <p key={line} className={classes(reasonAbove && 'sr-only')}>
            {line}
          </p>
        ))}
        {reasonAbove && <p>{t.devices.joinMeanwhile}</p>}
        {isProblem && place === 'door' && (
          <p className="text-muted">{retry ? t.devices.joinAnyway : t.devices.joinListening}</p>
        )}
        {insecure && address !== null && (
          <a href={address} className={CURE}>
            <ShieldCheck size={15} strokeWidth={1.9} aria-hidden />
            {t.devices.openSecure}
          </a>
        )}
        {retry && (
          <CureButton onClick={() => void devices.retry()}>
            <RotateCw size={15} strokeWidth={1.9} aria-hidden />
            {t.devices.tryAgain}
          </CureButton>
        )}
      </div>
    </div>
  );
}

const CURE =
  '-mx-2.5 inline-flex min-h-11 items-center gap-2 rounded-label px-2.5 font-semibold text-accent underline-offset-4 hover:underline';

function CureButton({ onClick, children }: { readonly onClick: () => void; readonly children: ReactNode }) {
  return (
    <button type="button" className={CURE} onClick={onClick}>
      {children}
    </button>
  );
}
