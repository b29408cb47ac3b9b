import { blockDatagrams } from './firewall';
import { Roamer } from './roaming';
import { TcpProxy } from './tcp-proxy';
import { test as base } from './test';

interface Fixtures {
  /** The cable between browsers and the server; who uses it joins with its origin. */
  readonly cable: TcpProxy;
  /** Lets no media through until it is lifted, nor what goes to a TCP port. */
  readonly block: (tcpPort?: string) => Promise<{ lift: () => Promise<void> }>;
  /** A computer that changes its network. */
  readonly roamer: Roamer;
}

/** The suite's `test` with a network that can be broken. */
export const test = base.extend<Fixtures>({
  cable: async ({ meeting }, use) => {
    const cable = await TcpProxy.start(Number(new URL(meeting.origin).port));
    await use(cable);
    await cable.stop();
  },
  // The runner reads which fixtures a fixture needs from its parameter's pattern, even when it needs none.
  // eslint-disable-next-line no-empty-pattern
  block: async ({}, use) => {
    let lift: (() => Promise<void>) | null = null;
    const end = async (): Promise<void> => {
      const current = lift;
      lift = null;
      await current?.();
    };
    await use(async (tcpPort) => {
      ({ lift } = await blockDatagrams(tcpPort));
      return { lift: end };
    });
    await end();
  },
  // As above: a pattern even when it needs no fixture.
  // eslint-disable-next-line no-empty-pattern
  roamer: async ({}, use) => {
    const roamer = await Roamer.start();
    await use(roamer);
    await roamer.stop();
  },
});
