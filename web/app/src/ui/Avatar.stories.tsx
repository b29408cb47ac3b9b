import type { Stories } from '../../stories/story';
import { Avatar } from './Avatar';

const NAMES = ['Ana Kowalska', 'Ben', '名前 太郎', 'Émile Zola', '👩‍🚀 Space', 'Дмитрий', 'Zoë'];

export default {
  people: {
    render: () => (
      <div className="flex flex-wrap gap-3 p-6">
        {NAMES.map((name) => (
          <Avatar key={name} id={name} name={name} small />
        ))}
      </div>
    ),
  },
} satisfies Stories;
