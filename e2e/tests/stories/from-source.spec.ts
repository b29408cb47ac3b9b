import { expect, test } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

test('the stories are listed and shown from source, too', async ({ page }) => {
  const root = fileURLToPath(new URL('../../../web/app', import.meta.url));
  const server = await createServer({
    root,
    configFile: `${root}/vite.config.ts`,
    logLevel: 'warn',
    server: { port: 0, host: '127.0.0.1' },
  });
  await server.listen();
  try {
    const [origin] = server.resolvedUrls?.local ?? [];
    await page.goto(`${origin ?? ''}stories/`);
    await page.getByRole('link', { name: 'home/Home/asked' }).click();
    await expect(page.getByRole('textbox', { name: 'Room name' })).toBeVisible();
  } finally {
    await server.close();
  }
});
