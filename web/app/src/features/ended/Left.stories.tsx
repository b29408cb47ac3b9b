import type { Stories } from '../../../stories/story';
import { Left } from './Left';

export default {
  left: { render: () => <Left room="quiet-amber-otter" onJoinAgain={() => undefined} />, ultrawide: true },
  longRoom: { render: () => <Left room={'Donaudampfschifffahrt'.repeat(3)} onJoinAgain={() => undefined} /> },
} satisfies Stories;
