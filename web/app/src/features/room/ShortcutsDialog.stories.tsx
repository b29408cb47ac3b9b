import type { Stories } from '../../../stories/story';
import { ShortcutsDialog } from './ShortcutsDialog';

export default {
  all: {
    theme: 'dark',
    render: () => (
      <ShortcutsDialog actions={['microphone', 'camera', 'share', 'people', 'help']} onClose={() => undefined} />
    ),
  },
} satisfies Stories;
