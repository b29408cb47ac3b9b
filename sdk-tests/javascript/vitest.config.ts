import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The SDK needs a global WebSocket, which Node.js 20 has only behind this flag.
    pool: 'forks',
    execArgv: ['--experimental-websocket', '--no-warnings'],
    testTimeout: 30_000,
    // One server for each file; its rooms belong to one test at a time.
    maxWorkers: 1,
  },
});
