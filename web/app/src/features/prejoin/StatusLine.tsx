import { CircleAlert, CircleCheck, Info } from 'lucide-react';
import type { Devices } from '../../devices/devices';
import { deviceStatus } from '../../devices/status';
import { t } from '../../strings';
import { useStore } from '../../ui/store';

const ICONS = {
  good: { Icon: CircleCheck, tint: 'text-good' },
  problem: { Icon: CircleAlert, tint: 'text-warning' },
  neutral: { Icon: Info, tint: 'text-muted' },
};

/** Says that the devices work, or what does not and how to mend it. */
export function StatusLine({ devices }: { readonly devices: Devices }) {
  const { tone, lines, retry } = deviceStatus(useStore(devices));
  const { Icon, tint } = ICONS[tone];
  return (
    <div className="flex items-start gap-2 text-[13px] text-muted" role="status">
      <Icon size={16} strokeWidth={1.9} aria-hidden className={`mt-0.5 shrink-0 ${tint}`} />
      <div>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
        {retry && (
          <button
            type="button"
            className="min-h-11 font-semibold text-accent underline-offset-4 hover:underline"
            onClick={() => void devices.retry()}
          >
            {t.devices.tryAgain}
          </button>
        )}
      </div>
    </div>
  );
}
