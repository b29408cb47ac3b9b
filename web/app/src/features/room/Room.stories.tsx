import {
  fakePeople,
  fakePerson,
  fakeSession,
  fakeShare,
  fakeUprightShare,
  type FakeSession,
} from '../../../stories/fakes';
import { movingPerson } from '../../../stories/painted';
import { press, type Stories, type Story } from '../../../stories/story';
import type { Link } from '../../call/link';
import type { Person } from '../../call/people';
import { t } from '../../strings';
import { Room } from './Room';

interface Scene {
  readonly people?: () => readonly Person[];
  readonly session?: FakeSession;
  readonly link?: Link;
}

const story = ({ people = fakePeople, session = {}, link = 'good' }: Scene = {}): Story => ({
  theme: 'dark',
  render: async () => (
    <Room session={await fakeSession(session)} people={people()} since={Date.now() - 1_471_000} link={link} />
  ),
});

const self = (changes: Partial<Person> = {}) => fakePerson('Ana Kowalska', 0, { self: true, ...changes });

/** Everybody of the usual five, with something else about them. */
const everybody = (changes: Partial<Person>) => () => fakePeople().map((person) => ({ ...person, ...changes }));

const sharing = (others: number) => () => [
  self(),
  fakePerson('Ben', 1, { shares: [fakeShare()] }),
  ...Array.from({ length: others }, (_, at) => fakePerson(`Guest ${at + 1}`, at + 2)),
];

const crowd = (count: number) => () => [
  self(),
  ...Array.from({ length: count - 1 }, (_, at) => fakePerson(`Person ${at + 1}`, at % 4 === 3 ? null : at)),
];

/** Somebody whose devices do not work, in the call all the same. */
const trouble: Scene = {
  people: () => [fakePerson('Ana Kowalska', null, { self: true, audio: false }), fakePerson('Ben', 1)],
  session: { devices: { problems: { camera: 'busy', microphone: 'denied' } } },
};

export default {
  alone: { ...story({ people: () => [self()] }), ultrawide: true },
  aloneInNetwork: story({ people: () => [self()], session: { address: 'https://192.168.1.5:8080' } }),
  aloneWithoutCamera: story({
    people: () => [fakePerson('Ana Kowalska', null, { self: true, audio: false })],
    session: { camera: false, microphone: false },
  }),
  two: { ...story({ people: () => [self(), fakePerson('Ben', 1)] }), ultrawide: true },
  five: { ...story(), ultrawide: true },
  muted: story({ people: everybody({ audio: false, speaking: false }), session: { microphone: false } }),
  camerasOff: story({ people: everybody({ video: false, stream: null }), session: { camera: false } }),
  crowd: { ...story({ people: crowd(49) }), ultrawide: true },
  twentyFive: story({
    people: () =>
      crowd(25)().map((person, at) => ({ ...person, video: true, stream: new MediaStream([movingPerson(at)]) })),
  }),
  share: { ...story({ people: sharing(2) }), ultrawide: true },
  shareInCrowd: story({ people: sharing(20) }),
  ownShare: story({
    people: () => [self({ shares: [{ trackId: 'own', stream: null }] }), fakePerson('Ben', 1)],
  }),
  uprightShare: story({
    people: () => [self(), fakePerson('Ben', 1, { shares: [fakeUprightShare()] }), fakePerson('Chiara', 2)],
  }),
  twoCameras: story({ session: { devices: { cameras: ['Front camera', 'Back camera'] } } }),
  twoShares: story({
    people: () => [...sharing(1)(), fakePerson('Chiara', 2, { shares: [{ ...fakeShare(), trackId: 'second' }] })],
  }),
  reconnecting: { ...story({ link: 'lost' }), ultrawide: true },
  someAway: story({
    people: () =>
      fakePeople().map((person) =>
        person.name === 'Chiara' ? { ...person, video: false, stream: null, away: true } : person,
      ),
  }),
  longNames: story({
    people: () => [self(), fakePerson('Wolfeschlegelsteinhausenbergerdorff '.repeat(2), 1, { audio: false })],
    session: { room: 'The quarterly meeting of everybody who wants to be there at noon' },
  }),
  more: { ...story(), act: press(t.room.more) },
  deviceTrouble: { ...story(trouble), act: press(t.room.more) },
  peopleOrMore: { ...story(), act: openPeople },
} satisfies Stories;

/** On phones the list is inside the other panel. */
function openPeople(root: HTMLElement): void {
  if (window.matchMedia('(min-width: 768px)').matches) press(t.room.people(5))(root);
  else press(t.room.more)(root);
}
