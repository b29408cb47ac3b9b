import { Mic, MicOff, Users, Video, VideoOff, X } from 'lucide-react';
import { useId, useState } from 'react';
import type { Person } from '../../call/people';
import { inSentence, t } from '../../strings';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { RoundButton } from '../../ui/RoundButton';
import { useBorrowedFocus } from '../../ui/useBorrowedFocus';
import { useShortcutLabels } from './useShortcuts';

interface PeopleProps {
  readonly people: readonly Person[];
}

interface PeopleButtonProps extends PeopleProps {
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** How many people there are; a press lists them beside the stage. */
export function PeopleButton({ people, open, onToggle }: PeopleButtonProps) {
  const count = people.length;
  const shortcut = useShortcutLabels();
  return (
    <RoundButton
      icon={Users}
      label={t.room.people(count)}
      look={open ? 'active' : 'plain'}
      shortcut={shortcut('people')}
      aria-expanded={open}
      onClick={onToggle}
      {...(count > 1 ? { text: String(count) } : {})}
    />
  );
}

/** Everybody, beside the pictures and never over them. */
export function PeoplePanel({ people, onClose }: PeopleProps & { readonly onClose: () => void }) {
  const close = useBorrowedFocus<HTMLButtonElement>();
  const heading = useId();
  return (
    // Its keys are those of the button and the list inside, which bubble up to here.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside
      aria-labelledby={heading}
      onKeyDown={({ key }) => {
        if (key === 'Escape') onClose();
      }}
      className="flex w-[min(320px,40%)] shrink-0 flex-col rounded-tile border border-line bg-surface"
    >
      <div className="flex shrink-0 items-center justify-between gap-2 border-b border-line py-1 pr-1.5 pl-4">
        <h2 id={heading} className="truncate text-[15px] font-[650]">
          {t.room.peopleTitle}
        </h2>
        <button
          ref={close}
          type="button"
          aria-label={t.actions.close}
          onClick={onClose}
          className="flex size-11 shrink-0 items-center justify-center rounded-control text-muted hover:bg-raised hover:text-text"
        >
          <X size={18} strokeWidth={1.9} aria-hidden />
        </button>
      </div>
      {/* It scrolls with the keyboard as well. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div tabIndex={0} role="group" aria-labelledby={heading} className="min-h-0 flex-1 overflow-y-auto px-4 py-2">
        <PeopleList people={people} />
      </div>
    </aside>
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
      <span className="min-w-0 flex-1 truncate text-sm">{self ? t.room.selfName(inSentence(name)) : name}</span>
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
