import { Mic, MicOff, PhoneOff, Users } from 'lucide-react';
import type { Stories } from '../../stories/story';
import { RoundButton } from './RoundButton';

export default {
  looks: {
    theme: 'dark',
    render: () => (
      <div className="flex flex-wrap gap-4 p-6">
        <RoundButton icon={Mic} label="Plain" />
        <RoundButton icon={Mic} label="Active" look="active" />
        <RoundButton icon={MicOff} label="Off" look="off" />
        <RoundButton icon={MicOff} label="Trouble" look="off" trouble="No microphone is connected." />
        <RoundButton icon={Mic} label="Overlay" look="overlay" />
        <RoundButton icon={PhoneOff} label="Leave" look="leave" />
        <RoundButton icon={Users} label="5 people" text="5" />
      </div>
    ),
  },
} satisfies Stories;
