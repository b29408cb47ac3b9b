import type { Stories } from '../../../stories/story';
import { Joining } from './Joining';

export default {
  joining: { render: () => <Joining room="quiet-amber-otter" /> },
} satisfies Stories;
