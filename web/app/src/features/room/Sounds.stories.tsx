import type { Stories } from '../../../stories/story';
import { SoundBlocked } from './Sounds';

export default {
  blocked: { theme: 'dark', render: () => <SoundBlocked onTurnOn={() => undefined} /> },
} satisfies Stories;
