import { ArrowRight, ShieldCheck, Shuffle } from 'lucide-react';
import { useState, type MouseEvent, type SubmitEvent } from 'react';
import { navigate } from '../../app/navigation';
import { roomPath } from '../../app/route';
import { randomRoomName, roomNameFault, type RoomNameFault } from '../../session/roomName';
import { t } from '../../strings';
import { Button } from '../../ui/Button';
import { Page } from '../../ui/Page';
import { TextField } from '../../ui/TextField';
import { useFocusOnMount } from '../../ui/useFocusOnMount';
import { ThemeSwitch } from './ThemeSwitch';

/** Asks for a room. */
export function Home() {
  const [suggestion] = useState(() => randomRoomName());
  const [fault, setFault] = useState<RoomNameFault | null>(null);
  const field = useFocusOnMount<HTMLInputElement>();

  const suggest = (event: MouseEvent<HTMLButtonElement>) => {
    const input = event.currentTarget.form?.elements.namedItem('room');
    if (input instanceof HTMLInputElement) input.value = randomRoomName();
    setFault(null);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const name = field.current?.value ?? '';
    const found = roomNameFault(name);
    setFault(found);
    if (found) field.current?.focus();
    else navigate(roomPath(name));
  };

  return (
    <Page aside={<ThemeSwitch />}>
      <div className="w-full max-w-[480px]">
        <h1 className="max-w-[400px] text-[32px] leading-[1.1] font-[650] tracking-[-0.02em] sm:text-[40px]">
          {t.home.title}
        </h1>
        <p className="mt-4 mb-8 text-[17px] text-muted">{t.home.lead}</p>
        <form onSubmit={submit} noValidate className="flex flex-col gap-3">
          <TextField
            ref={field}
            name="room"
            label={t.home.roomName}
            defaultValue={suggestion}
            onChange={() => setFault(null)}
            error={fault && t.roomNameFaults[fault]}
            className="h-15 text-[17px]"
            trailing={
              <button
                type="button"
                aria-label={t.home.shuffle}
                title={t.home.shuffle}
                onClick={suggest}
                className="flex size-11 items-center justify-center rounded-label text-muted hover:text-text"
              >
                <Shuffle size={20} strokeWidth={1.9} aria-hidden />
              </button>
            }
          />
          <Button type="submit" look="primary" size="large" className="min-h-14">
            {t.home.continue}
            <ArrowRight size={19} strokeWidth={1.9} aria-hidden />
          </Button>
        </form>
        <p className="mt-5 flex items-start gap-2 text-[13px] text-muted">
          <ShieldCheck size={16} strokeWidth={1.9} aria-hidden className="mt-0.5 shrink-0" />
          {t.home.promise}
        </p>
      </div>
    </Page>
  );
}
