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
  /** Whether the person's own screen is shared. */
  readonly sharing?: boolean;
}

const story = ({ people = fakePeople, session: options = {}, link = 'good', sharing = false }: Scene = {}): Story => ({
  theme: 'dark',
  render: async () => {
    const session = await fakeSession(options);
    if (sharing) await session.screen.start();
    return <Room session={session} people={people()} since={Date.now() - 1_471_000} link={link} />;
  },
});

const self = (changes: Partial<Person> = {}) => fakePerson('Ana Kowalska', 0, { self: true, ...changes });

/** Everybody of the usual five, with something else about them. */
const everybody = (changes: Partial<Person>) => () => fakePeople().map((person) => ({ ...person, ...changes }));

const benShares = (others: number) => () => [
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
  three: story({ people: () => fakePeople().slice(0, 3) }),
  four: story({ people: () => fakePeople().slice(0, 4) }),
  five: { ...story(), ultrawide: true },
  nine: { ...story({ people: crowd(9) }), ultrawide: true },
  muted: story({ people: everybody({ audio: false, speaking: false }), session: { microphone: false } }),
  camerasOff: story({ people: everybody({ video: false, stream: null }), session: { camera: false } }),
  crowd: { ...story({ people: crowd(49) }), ultrawide: true },
  secondPage: { ...story({ people: crowd(49) }), act: press(t.room.nextPage) },
  crowdSpeaker: story({
    people: () => crowd(49)().map((person, at) => ({ ...person, speaking: at === 48 })),
  }),
  twentyFive: story({
    people: () =>
      crowd(25)().map((person, at) => ({ ...person, video: true, stream: new MediaStream([movingPerson(at)]) })),
  }),
  share: { ...story({ people: benShares(2) }), ultrawide: true },
  shareInCrowd: story({ people: benShares(20) }),
  ownShare: story({
    people: () => [self({ shares: [{ trackId: 'own', stream: null }] }), fakePerson('Ben', 1)],
  }),
  uprightShare: story({
    people: () => [self(), fakePerson('Ben', 1, { shares: [fakeUprightShare()] }), fakePerson('Chiara', 2)],
  }),
  twoCameras: story({ session: { devices: { cameras: ['Front camera', 'Back camera'] } } }),
  twoShares: story({
    people: () => [...benShares(1)(), fakePerson('Chiara', 2, { shares: [{ ...fakeShare(), trackId: 'second' }] })],
  }),
  pinned: { ...story(), ultrawide: true, act: press(t.room.pin('Ben')) },
  pinnedInCrowd: { ...story({ people: crowd(9) }), act: press(t.room.pin('Person 3')) },
  pinnedBesideShare: { ...story({ people: benShares(1) }), act: press(t.room.pin('Guest 1')) },
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
  foreignNames: story({
    people: () => [
      self(),
      fakePerson('مريم السيد', 1, { audio: false }),
      fakePerson('שרה', null),
      fakePerson('🦦👩‍🚀', null),
      fakePerson('名前 太郎', 3),
      fakePerson('Дмитрий Иванов', 4),
    ],
    session: { room: 'اجتماع الفريق' },
  }),
  more: { ...story(), act: press(t.room.more) },
  moreWhileSharing: {
    ...story({
      sharing: true,
      people: () => [self({ shares: [{ trackId: 'own', stream: null }] }), fakePerson('Ben', 1)],
    }),
    act: press(t.room.more),
  },
  shortcuts: {
    ...story(),
    act: () => void window.dispatchEvent(new KeyboardEvent('keydown', { key: '?' })),
  },
  deviceTrouble: { ...story(trouble), act: press(t.room.more) },
  peopleOrMore: { ...story(), act: openPeople },
} satisfies Stories;

/** On phones the list is inside the other panel. */
function openPeople(root: HTMLElement): void {
  if (window.matchMedia('(min-width: 768px)').matches) press(t.room.people(5))(root);
  else press(t.room.more)(root);
}
