import { Mic, MicOff, Users, Video, VideoOff } from 'lucide-react';
import { useId, useState } from 'react';
import type { Person } from '../../call/people';
import { t } from '../../strings';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { RoundButton } from '../../ui/RoundButton';
import { Panel } from './Panel';

interface PeopleProps {
  readonly people: readonly Person[];
}

/** How many people there are; a press lists them. */
export function PeoplePanel({ people }: PeopleProps) {
  const count = people.length;
  return (
    <Panel
      title={t.room.peopleTitle}
      button={<RoundButton icon={Users} label={t.room.people(count)} {...(count > 1 ? { text: String(count) } : {})} />}
    >
      <PeopleList people={people} />
    </Panel>
  );
}

/** The same inside another panel: the list unfolds below its button. */
export function PeopleFold({ people }: PeopleProps) {
  const [open, setOpen] = useState(false);
  const list = useId();
  return (
    <>
      <Button aria-expanded={open} aria-controls={list} onClick={() => setOpen(!open)}>
        <Users size={18} strokeWidth={1.9} aria-hidden />
        {t.room.people(people.length)}
      </Button>
      {open && <PeopleList id={list} people={people} />}
    </>
  );
}

function PeopleList({ people, id }: PeopleProps & { readonly id?: string }) {
  return (
    <ul id={id} aria-label={t.room.peopleTitle} className="flex flex-col gap-1">
      {people.map((person) => (
        <PersonRow key={person.id} person={person} />
      ))}
    </ul>
  );
}

function PersonRow({ person }: { readonly person: Person }) {
  const { id, name, self, audio, video } = person;
  const Microphone = audio ? Mic : MicOff;
  const Camera = video ? Video : VideoOff;
  return (
    <li className="flex min-h-11 items-center gap-3">
      <Avatar id={id} name={name} small />
      <span className="min-w-0 flex-1 truncate text-sm">{self ? t.room.selfName(name) : name}</span>
      <span className="flex gap-2 text-muted">
        <Microphone
          size={17}
          strokeWidth={1.9}
          role="img"
          aria-label={audio ? t.announce.microphoneOn : t.announce.microphoneOff}
        />
        <Camera
          size={17}
          strokeWidth={1.9}
          role="img"
          aria-label={video ? t.announce.cameraOn : t.announce.cameraOff}
        />
      </span>
    </li>
  );
}
