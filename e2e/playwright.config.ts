import { defineConfig } from '@playwright/test';
import { chromiumLaunch, firefoxLaunch } from './support/browsers';

const inCi = process.env['CI'] !== undefined;

export default defineConfig({
  testDir: '.',
  // Media needs the machine: two meetings at once starve each other on two cores.
  workers: 1,
  // Four people on two cores need a minute for a long test; what has to be quick has a limit of its own.
  timeout: 180_000,
  expect: { timeout: 15_000 },
  forbidOnly: inCi,
  retries: 0,
  reporter: [['list'], ['./support/no-skipped-reporter.ts']],
  outputDir: 'test-results',
  // No film strip: pictures of moving video cost more than the meeting itself.
  use: { trace: { mode: 'retain-on-failure', screenshots: false }, viewport: { width: 1280, height: 720 } },
  projects: [
    {
      name: 'chromium',
      testMatch: 'tests/**/*.spec.ts',
      use: { browserName: 'chromium', launchOptions: chromiumLaunch },
    },
    {
      // The same questions as in Chromium where the browser makes a difference; what only concerns servers runs once.
      name: 'firefox',
      testMatch: 'tests/**/*.spec.ts',
      grep: /@both/,
      use: { browserName: 'firefox', channel: 'moz-firefox', launchOptions: firefoxLaunch },
    },
    {
      // Inside nat.sh: the hosts' own browsers are started by the tests.
      name: 'nat',
      testMatch: 'nat/**/*.spec.ts',
      use: { browserName: 'chromium', launchOptions: chromiumLaunch },
    },
    {
      name: 'pictures',
      testMatch: 'pictures/**/*.spec.ts',
      use: { browserName: 'chromium', launchOptions: chromiumLaunch },
    },
    {
      name: 'bench',
      testMatch: 'bench/**/*.spec.ts',
      timeout: 600_000,
      use: { browserName: 'chromium', launchOptions: chromiumLaunch, trace: 'off' },
    },
  ],
});
