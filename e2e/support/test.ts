// The runner reads which fixtures a fixture needs from its parameter's pattern, even when it needs none.
/* eslint-disable no-empty-pattern */
import { test as base } from '@playwright/test';
import { MeetingHost } from '../pages/meeting-host';
import { TsClientHost } from '../pages/ts-client-host';
import { People } from './people';
import { type Deployment, type MediaServer, type Meeting, startMediaServer, startMeeting } from './servers';
import { serveTestPage, type TestPages } from './test-pages';

interface Options {
  /** Which form of Videoroom the test runs against. */
  readonly deployment: Deployment;
  /** Further flags of `videoroom`. */
  readonly videoroomFlags: readonly string[];
  /** The address at which the page is served; 0.0.0.0 for all. */
  readonly pageHost: string;
}

interface Fixtures {
  /** People with browsers; their contexts end with the test. */
  readonly people: People;
  /** A Videoroom of the test's own. */
  readonly meeting: Meeting;
  /** Brings people to the meeting's page. */
  readonly host: MeetingHost;
  /** A media server of the test's own. */
  readonly mediaServer: MediaServer;
  /** Brings people to a page with the published client. */
  readonly tsClients: TsClientHost;
}

interface WorkerFixtures {
  readonly tsClientPage: TestPages;
}

/** The suite's `test`: every test has servers, people and rooms of its own. */
export const test = base.extend<Options & Fixtures, WorkerFixtures>({
  deployment: ['embedded', { option: true }],
  videoroomFlags: [[], { option: true }],
  pageHost: ['127.0.0.1', { option: true }],

  people: async ({ browser }, use) => {
    const people = new People(browser);
    await use(people);
    await people.close();
  },

  meeting: async ({ deployment, videoroomFlags, pageHost }, use, testInfo) => {
    const meeting = await startMeeting(deployment, videoroomFlags, pageHost);
    await use(meeting);
    await testInfo.attach('server log', { body: meeting.log() });
    await meeting.stop();
  },

  host: async ({ meeting, people }, use) => {
    const host = new MeetingHost(meeting, people);
    await use(host);
    host.expectGoodConduct();
  },

  mediaServer: async ({}, use, testInfo) => {
    const mediaServer = await startMediaServer();
    await use(mediaServer);
    await testInfo.attach('server log', { body: mediaServer.server.log });
    await mediaServer.stop();
  },

  tsClientPage: [
    async ({}, use) => {
      const pages = await serveTestPage('ts-client');
      await use(pages);
      await pages.close();
    },
    { scope: 'worker' },
  ],

  tsClients: async ({ people, tsClientPage }, use) => {
    await use(new TsClientHost(people, tsClientPage.origin));
  },
});
