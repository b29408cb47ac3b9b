import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { serveFolder } from './static-server';

/** The test pages, bundled and served; nothing of it stays behind. */
export interface TestPages {
  readonly origin: string;
  close(): Promise<void>;
}

/** Bundles a folder below `fixtures/` and serves it. */
export async function serveTestPage(folder: string): Promise<TestPages> {
  const outDir = await mkdtemp(join(tmpdir(), 'videoroom-e2e-page-'));
  await build({
    root: fileURLToPath(new URL(`../fixtures/${folder}`, import.meta.url)),
    configFile: false,
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, target: 'es2022' },
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
