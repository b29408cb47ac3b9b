import type { Stories } from '../../stories/story';
import { Button } from './Button';

const sheet = (disabled: boolean) => (
  <div className="flex flex-col items-start gap-4 p-6">
    {(['primary', 'secondary', 'plain'] as const).map((look) => (
      <Button key={look} look={look} disabled={disabled}>
        Try again
      </Button>
    ))}
    <Button look="primary" size="large" disabled={disabled}>
      Join
    </Button>
  </div>
);

export default {
  looks: { render: () => sheet(false) },
  disabled: { render: () => sheet(true) },
} satisfies Stories;
