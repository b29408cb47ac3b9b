// The runner reads which fixtures a fixture needs from its parameter's pattern, even when it needs none.
/* eslint-disable no-empty-pattern */
import { test as base } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { serveFolder } from './static-server';
import type { TestPages } from './test-pages';

/** A story of `web/app`: a component in one state. */
export interface StoryInfo {
  readonly id: string;
  /** Dark in both themes. */
  readonly dark: boolean;
  /** Worth a look on a very wide screen. */
  readonly ultrawide: boolean;
}

declare global {
  interface Window {
    readonly stories: { list(): StoryInfo[]; show(id: string): Promise<void> };
  }
}

/** `test` with the page of all stories. */
export const test = base.extend<object, { readonly stories: TestPages }>({
  stories: [
    async ({}, use) => {
      const pages = await serveStories();
      await use(pages);
      await pages.close();
    },
    { scope: 'worker' },
  ],
});

async function serveStories(): Promise<TestPages> {
  const outDir = await mkdtemp(join(tmpdir(), 'videoroom-e2e-stories-'));
  const root = fileURLToPath(new URL('../../web/app', import.meta.url));
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, minify: false, rolldownOptions: { input: join(root, 'stories/index.html') } },
  });
  const server = await serveFolder(outDir);
  return {
    origin: server.origin,
    close: async () => {
      await server.close();
      await rm(outDir, { recursive: true });
    },
  };
}
