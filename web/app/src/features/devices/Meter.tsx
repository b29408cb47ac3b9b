import { useLevel } from '../../devices/level';
import { t } from '../../strings';
import { classes } from '../../ui/classes';

const BARS = [1, 2, 3, 4, 5] as const;

/** Bars that move with the voice. */
export function Meter({ track }: { readonly track: MediaStreamTrack | null }) {
  return <MeterBars level={useLevel(track, BARS.length) ?? 0} />;
}

/** As many bars lit as the voice is loud. */
export function MeterBars({ level }: { readonly level: number }) {
  return (
    <div
      role="meter"
      aria-label={t.devices.level}
      aria-valuemin={0}
      aria-valuemax={BARS.length}
      aria-valuenow={level}
      className="flex shrink-0 gap-[3px]"
    >
      {BARS.map((bar) => (
        <span
          key={bar}
          className={classes(
            'h-4 w-1 rounded-full transition-colors duration-(--quick) forced-colors:bg-[CanvasText] forced-colors:forced-color-adjust-none',
            // Systems choose any colour for what is off, also a bright green.
            bar <= level ? 'bg-good' : 'bg-meter-off forced-colors:opacity-25',
          )}
        />
      ))}
    </div>
  );
}
