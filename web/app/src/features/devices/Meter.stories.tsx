import type { Stories } from '../../../stories/story';
import { MeterBars } from './Meter';

export default {
  levels: {
    render: () => (
      <div className="flex flex-col items-start gap-4 p-6">
        {[0, 1, 3, 5].map((level) => (
          <MeterBars key={level} level={level} />
        ))}
      </div>
    ),
  },
} satisfies Stories;
