import { useState, type SubmitEvent } from 'react';
import type { RoomSession } from '../../call/roomSession';
import { isOn } from '../../devices/state';
import { personNameFault, type PersonNameFault } from '../../session/personName';
import { t } from '../../strings';
import { Button } from '../../ui/Button';
import { Page } from '../../ui/Page';
import { useStore } from '../../ui/store';
import { TextField } from '../../ui/TextField';
import { useFocusOnMount } from '../../ui/useFocusOnMount';
import { LOW, useMedia, WIDE } from '../../ui/useMedia';
import { DeviceSelects } from '../devices/DeviceSelects';
import { DeviceStatusLine } from '../devices/DeviceStatusLine';
import { Meter } from '../devices/Meter';
import { insideText } from './inside';
import { Preview } from './Preview';
import { RoomChip } from './RoomChip';
import { useRoomInfo } from './useRoomInfo';

interface PreJoinProps {
  readonly session: RoomSession;
  readonly joining: boolean;
}

/** A look into the mirror, a name, and in. */
export function PreJoin({ session, joining }: PreJoinProps) {
  const { room, devices } = session;
  const [fault, setFault] = useState<PersonNameFault | null>(null);
  const [optionsOpen, setOptionsOpen] = useState(false);
  const field = useFocusOnMount<HTMLInputElement>();
  const { microphone } = useStore(devices);
  const wide = useMedia(WIDE);
  const low = useMedia(LOW);
  const roomy = wide && !low;
  const inside = insideText(useRoomInfo(room));

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (joining) return;
    const name = field.current?.value ?? '';
    const found = personNameFault(name);
    setFault(found);
    if (found) field.current?.focus();
    else session.join(name);
  };

  return (
    <Page aside={<RoomChip session={session} />}>
      <div className="flex w-full flex-1 flex-col gap-4 wide:grid wide:max-w-[1108px] wide:flex-none wide:grid-cols-[minmax(0,1.55fr)_minmax(280px,1fr)] wide:items-center wide:gap-11 low:items-start low:gap-6 low:grid-cols-[minmax(0,1.2fr)_minmax(260px,1fr)]">
        <div className="flex min-w-0 flex-1 flex-col gap-3.5">
          <Preview devices={devices} optionsOpen={optionsOpen} onOptions={() => setOptionsOpen(!optionsOpen)} />
          {(roomy || optionsOpen) && <DeviceSelects devices={devices} />}
        </div>
        <form onSubmit={submit} noValidate className="flex flex-col gap-3.5">
          <div className="flex items-center justify-between gap-4 wide:mb-2 wide:block low:mb-0 low:flex">
            <h1 className="text-[22px] font-[650] tracking-[-0.01em] narrow:sr-only low:sr-only">{t.prejoin.title}</h1>
            <p className="text-muted">{inside}</p>
            {!roomy && !optionsOpen && <Meter track={isOn(microphone) ? microphone.track : null} />}
          </div>
          <TextField
            ref={field}
            label={t.prejoin.yourName}
            defaultValue={session.initialName}
            maxLength={200}
            autoComplete="name"
            autoCapitalize="words"
            onChange={() => setFault(null)}
            error={fault && t.nameFaults[fault]}
            className="h-13"
          />
          <Button type="submit" look="primary" size="large" aria-busy={joining}>
            {joining ? t.prejoin.joining : t.prejoin.join}
          </Button>
          <DeviceStatusLine devices={devices} place="door" />
        </form>
      </div>
    </Page>
  );
}
