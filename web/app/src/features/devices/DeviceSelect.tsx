import { ChevronDown, Mic, Video, Volume2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DeviceOption } from '../../devices/lists';
import { t } from '../../strings';

interface DeviceSelectProps {
  readonly kind: 'microphone' | 'camera' | 'speaker';
  readonly options: readonly DeviceOption[];
  /** What is shown when there is nothing to choose from. */
  readonly empty: string;
  /** Id of the device in use; one that is not listed stands for the system's choice. */
  readonly value: string;
  readonly onChange: (id: string) => void;
  /** Shown in front of the arrow. */
  readonly children?: ReactNode;
}

const ICONS = { microphone: Mic, camera: Video, speaker: Volume2 };

/** Chooses a device. The browser's own list: it works the same by touch, keyboard and screen reader. */
export function DeviceSelect({ kind, options, empty, value, onChange, children }: DeviceSelectProps) {
  const Icon = ICONS[kind];
  const listed = options.some((option) => option.id === value);
  return (
    <div className="relative flex h-11 min-w-0 items-center rounded-control border border-line bg-surface has-focus-visible:outline-2 has-focus-visible:outline-accent has-enabled:hover:border-line-strong">
      <Icon size={17} strokeWidth={1.9} aria-hidden className="pointer-events-none absolute left-3.5" />
      <select
        aria-label={t.devices[kind]}
        value={listed ? value : ''}
        disabled={options.length === 0}
        onChange={(event) => onChange(event.target.value)}
        className="h-11 w-full min-w-0 flex-1 appearance-none truncate rounded-control bg-transparent pr-2 pl-10 text-sm outline-none pointer-coarse:text-base disabled:text-muted"
      >
        {!listed && <option value="">{options.length === 0 ? empty : t.devices.systemDefault}</option>}
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.label}
          </option>
        ))}
      </select>
      <div className="pointer-events-none flex shrink-0 items-center gap-2 pr-3.5">
        {children}
        <ChevronDown size={17} strokeWidth={1.9} aria-hidden />
      </div>
    </div>
  );
}
