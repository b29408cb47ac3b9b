import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** The server that answers joins while the page is served by Vite. */
const backend = 'http://127.0.0.1:8080';

export default defineConfig({
  // Relative, so that the same build works below any base path; `<base href>` in the page says which.
  base: './',
  plugins: [react(), tailwindcss()],
  build: {
    target: 'es2022',
    // No `data:` URLs: they would have to be allowed by the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/api': backend, '/socket': { target: backend, ws: true } },
  },
  test: {
    environment: 'happy-dom',
    include: ['{src,stories}/**/*.test.{ts,tsx}'],
  },
});
