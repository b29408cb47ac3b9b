import { useLevel } from '../../devices/level';
import { t } from '../../strings';
import { classes } from '../../ui/classes';

const BARS = [1, 2, 3, 4, 5] as const;

/** Bars that move with the voice. */
export function Meter({ track }: { readonly track: MediaStreamTrack | null }) {
  const level = useLevel(track, BARS.length);
  return (
    <div
      role="meter"
      aria-label={t.devices.level}
      aria-valuemin={0}
      aria-valuemax={BARS.length}
      aria-valuenow={level ?? 0}
      className="flex shrink-0 gap-[3px]"
    >
      {BARS.map((bar) => (
        <span
          key={bar}
          className={classes(
            'h-4 w-1 rounded-full transition-colors duration-(--quick)',
            bar <= (level ?? 0) ? 'bg-good' : 'bg-meter-off',
          )}
        />
      ))}
    </div>
  );
}
