import { expect } from '@playwright/test';
import { changePorts, chosenPorts, test } from '../support/nat';

/** Names that people outside know: of the container's host, and of the rented machine. */
const HOST = 'https://meet.example.org:8080';
const RENTED = 'https://rented.example.org:8080';

test('a container without --announce says the line to add, and the page why nothing gets through', async ({
  network,
}) => {
  const server = await network.serve('container', [], ['container=oci']);
  // Which engine it is depends on the machine that the tests run on.
  const line = /-p 8080:8080 -p 50000:50000\/udp.*--announce ADDRESS-OF-THE-HOST/;
  await expect.poll(server.log).toMatch(new RegExp(`WARN.*this runs in a container.*172\\.17\\.0\\.2.*${line.source}`));
  const { table, status } = await server.doctor();
  expect(table).toMatch(line);
  expect(status, `it works for whoever types the address: ${table}`).toBe(0);

  const ana = await network.join('Ana', 'outside', HOST);
  await expect(ana.noMedia, 'Ana is told').toBeVisible({ timeout: 12_000 });
  await expect(ana.noMedia).toContainText('Tried 172.17.0.2, port 50000, over UDP.');
  await expect(ana.noMedia).toContainText('only addresses inside its container');
  await expect(ana.noMedia).toContainText('add --announce with its real address');
});

test('a container is reached at the address that people type, without --announce', async ({ network }) => {
  await network.serve('container', [], ['container=oci']);
  const ana = await network.join('Ana', 'outside', 'https://198.51.100.1:8080');
  const ben = await network.join('Ben', 'outside', 'https://198.51.100.1:8080');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
});

test('a container with --announce is reached by name through the NAT', async ({ network }) => {
  const server = await network.serve('container', ['--announce', '198.51.100.1'], ['container=oci']);
  const ana = await network.join('Ana', 'outside', HOST);
  const ben = await network.join('Ben', 'outside', HOST);
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
  expect(server.log()).not.toContain('this runs in a container');
  expect((await server.doctor()).table).toContain('browsers are told to send media to 198.51.100.1, UDP port 50000');
});

test('a rented machine without --announce says what to add, and the page why nothing gets through', async ({
  network,
}) => {
  const server = await network.serve('machine');
  const sentence = 'this machine at Amazon EC2 has only private addresses (10.1.0.2)';
  const cure = 'start it with `--announce PUBLIC-ADDRESS`, and let UDP port 50000 in at Amazon EC2';
  await expect.poll(server.log).toContain(`${sentence}, so people elsewhere cannot send media to it; ${cure}`);
  const { table, status } = await server.doctor();
  expect(table).toContain(sentence);
  expect(table).toContain(cure);
  expect(status, table).toBe(0);

  const ana = await network.join('Ana', 'outside', RENTED);
  await expect(ana.noMedia, 'Ana is told').toBeVisible({ timeout: 12_000 });
  await expect(ana.noMedia).toContainText('Tried 10.1.0.2, port 50000, over UDP.');
  await expect(ana.noMedia).toContainText('only private addresses, which nobody outside its network can reach');
  await expect(ana.noMedia).toContainText('add --announce with its public address');
});

test('people on both sides of a 1:1 NAT meet when both addresses are announced', async ({ network }) => {
  await network.serve('machine', ['--announce', '198.51.100.3', '--announce', '10.1.0.2']);
  const ana = await network.join('Ana', 'outside', RENTED);
  const ben = await network.join('Ben', 'machine', 'https://10.1.0.2:8080');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
});

test('people behind a NAT that gives them other ports are reached again', async ({ network }) => {
  await network.serve('outside');
  const ana = await network.join('Ana', 'machine', 'https://198.51.100.2:8080');
  const ben = await network.join('Ben', 'machine', 'https://198.51.100.2:8080');
  await ana.expectWith([ben.person]);
  await changePorts();
  await expect.poll(chosenPorts, 'both come from other ports').toBeGreaterThanOrEqual(2);
  for (const [one, other] of [
    [ana, ben],
    [ben, ana],
  ] as const) {
    await one.expectState('joined');
    await one.expectMoving(other.person);
    await one.expectHears([other.person]);
  }
});
