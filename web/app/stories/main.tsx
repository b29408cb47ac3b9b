import '../src/styles/index.css';
import * as Tooltip from '@radix-ui/react-tooltip';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import type { RoomInfo } from '../src/api/rooms';
import { useAppliedTheme } from '../src/app/theme';
import { settled } from './settled';
import type { Stories, Story } from './story';

declare global {
  interface Window {
    /** For the browser suite. */
    readonly stories: {
      /** Every story, and on which screens it is worth a look. */
      list(): { readonly id: string; readonly dark: boolean; readonly ultrawide: boolean }[];
      /** Shows one; resolves when its pictures, letters and motion stand still. */
      show(id: string): Promise<void>;
    };
  }
}

const modules = import.meta.glob<{ default: Stories }>('../src/**/*.stories.tsx', { eager: true });
const stories = new Map<string, Story>(
  Object.entries(modules).flatMap(([path, { default: states }]) => {
    const component = path.replace(/^\.\.\/src\/(features\/)?/, '').replace(/\.stories\.tsx$/, '');
    return Object.entries(states).map(([state, story]) => [`${component}/${state}`, story] as const);
  }),
);

let root: Root | null = null;

async function show(id: string): Promise<void> {
  const story = stories.get(id);
  if (!story) throw new Error(`there is no story "${id}"`);
  root?.unmount();
  const container = document.getElementById('root');
  if (!container) throw new Error('the document has a root');
  const content = await story.render();
  let thrown: Error | null = null as Error | null;
  root = createRoot(container, { onUncaughtError: (error) => (thrown = toError(error)) });
  const current = root;
  flushSync(() => current.render(<Frame story={story}>{content}</Frame>));
  await settled();
  if (story.act) {
    await story.act(document.body);
    await settled();
  }
  if (thrown) throw thrown;
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(JSON.stringify(thrown));
}

/** No server: who is inside is always the same. */
const queries = new QueryClient({ defaultOptions: { queries: { enabled: false } } });
queries.setQueryData<RoomInfo>(['room', 'quiet-amber-otter'], {
  room: 'quiet-amber-otter',
  exists: true,
  full: false,
  people: [{ name: 'Ben' }, { name: 'Chiara' }],
});

/** What the app puts around every screen. */
function Frame({ story, children }: { readonly story: Story; readonly children: ReactNode }) {
  useAppliedTheme(story.theme === 'dark');
  return (
    <QueryClientProvider client={queries}>
      <Tooltip.Provider delayDuration={400}>{children}</Tooltip.Provider>
    </QueryClientProvider>
  );
}

function Index() {
  return (
    <ul className="p-6">
      {Array.from(stories.keys(), (id) => (
        <li key={id}>
          <a className="text-accent underline" href={`${window.location.pathname}?story=${encodeURIComponent(id)}`}>
            {id}
          </a>
        </li>
      ))}
    </ul>
  );
}

Object.assign(window, {
  stories: {
    list: () =>
      Array.from(stories, ([id, { theme, ultrawide = false }]) => ({ id, dark: theme === 'dark', ultrawide })),
    show,
  },
});

const wanted = new URLSearchParams(window.location.search).get('story');
if (wanted !== null) void show(wanted);
else {
  root = createRoot(document.getElementById('root') ?? document.body);
  root.render(<Index />);
}
