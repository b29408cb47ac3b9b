import type { Stories } from '../../stories/story';
import { t } from '../strings';
import { TextField } from './TextField';

export default {
  states: {
    render: () => (
      <div className="flex max-w-105 flex-col gap-5 p-6">
        <TextField label={t.prejoin.yourName} className="h-13" />
        <TextField label={t.prejoin.yourName} defaultValue="Ana Kowalska" className="h-13" />
        <TextField label={t.home.roomName} defaultValue="a/b" error={t.roomNameFaults.characters} className="h-13" />
      </div>
    ),
  },
} satisfies Stories;
