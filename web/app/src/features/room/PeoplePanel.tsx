import { Mic, MicOff, Users, Video, VideoOff } from 'lucide-react';
import type { Person } from '../../call/people';
import { t } from '../../strings';
import { Avatar } from '../../ui/Avatar';
import { RoundButton } from '../../ui/RoundButton';
import { Panel } from './Panel';

/** How many people there are; a press lists them. */
export function PeoplePanel({ people }: { readonly people: readonly Person[] }) {
  const count = people.length;
  return (
    <Panel
      title={t.room.peopleTitle}
      button={<RoundButton icon={Users} label={t.room.people(count)} {...(count > 1 ? { text: String(count) } : {})} />}
    >
      <ul className="flex flex-col gap-1">
        {people.map((person) => (
          <PersonRow key={person.id} person={person} />
        ))}
      </ul>
    </Panel>
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
