import { PlugZap, RotateCw } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type { Call } from '../../call/call';
import { culprit, describeDiagnosis } from '../../errors/culprit';
import { noMediaWords } from '../../errors/failure';
import { t } from '../../strings';
import { Button } from '../../ui/Button';
import { Details } from '../ended/Details';
import { useDiagnosis } from './useDiagnosis';

interface NoMediaProps {
  readonly call: Pick<Call, 'diagnose' | 'retry'>;
  readonly othersAreIn: boolean;
}

/** How long the button says that it tries: long enough to be read, and for an attempt to show what came of it. */
const TRYING_MS = 3_000;

/** Says why sound and picture do not come, and what helps. Stands above the people, never over them. */
export function NoMedia({ call, othersAreIn }: NoMediaProps) {
  const diagnosis = useDiagnosis(call);
  const [trying, setTrying] = useState(false);
  const [open, setOpen] = useState(false);
  const title = useId();
  const details = useId();

  useEffect(() => {
    if (!trying) return;
    const timer = setTimeout(() => setTrying(false), TRYING_MS);
    return () => clearTimeout(timer);
  }, [trying]);

  const retry = () => {
    setTrying(true);
    call.retry();
  };

  const cause = diagnosis && culprit(diagnosis, othersAreIn);
  return (
    <section
      aria-labelledby={title}
      className="flex max-h-[60%] w-full max-w-[760px] shrink-0 gap-4 self-center overflow-y-auto rounded-tile border border-line bg-surface p-4 wrap-anywhere sm:p-5 low:max-h-full low:w-[46%] low:p-4"
    >
      <span className="flex size-11 shrink-0 items-center justify-center rounded-control bg-accent-soft text-accent max-sm:hidden low:hidden">
        <PlugZap size={20} strokeWidth={1.9} aria-hidden />
      </span>
      <div className="min-w-0 flex-1">
        <h2 id={title} className="text-base leading-6 font-[650]">
          {t.noMedia.title}
        </h2>
        <p role="status" className="mt-1 text-sm text-muted">
          {diagnosis && cause ? noMediaWords(diagnosis, cause).text : t.noMedia.looking} {t.noMedia.goesOn}
        </p>
        <div className="mt-3 flex flex-wrap gap-2">
          <Button look="primary" aria-busy={trying} onClick={retry}>
            <RotateCw size={17} strokeWidth={1.9} aria-hidden />
            {trying ? t.noMedia.trying : t.actions.tryAgain}
          </Button>
          {diagnosis && (
            <Button look="plain" aria-expanded={open} aria-controls={details} onClick={() => setOpen(!open)}>
              {open ? t.details.hide : t.details.show}
            </Button>
          )}
        </div>
        {open && diagnosis && cause && <Details id={details} text={describeDiagnosis(diagnosis, cause)} />}
      </div>
    </section>
  );
}
