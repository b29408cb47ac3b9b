import type { Stories } from '../../../stories/story';
import { t } from '../../strings';
import { Home } from './Home';

export default {
  asked: { render: () => <Home />, ultrawide: true },
  refused: {
    render: () => <Home />,
    act: (root) => {
      const field = root.querySelector('input');
      if (field) field.value = 'a/b';
      root.querySelector<HTMLButtonElement>('button[type=submit]')?.click();
      if (!root.textContent.includes(t.home.continue)) throw new Error('the form is still there');
    },
  },
} satisfies Stories;
