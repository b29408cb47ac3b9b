import { test } from '../../support/test';
import type { Deployment } from '../../support/servers';

for (const deployment of ['embedded', 'split'] satisfies Deployment[]) {
  test.describe(deployment, () => {
    test.use({ deployment });

    test('two people see and hear each other @both', async ({ host }) => {
      const ana = await host.join('Ana', 'Tea time');
      const ben = await host.join('Ben', 'Tea time');
      await ana.expectWith([ben.person]);
      await ben.expectWith([ana.person]);
    });
  });
}

test('somebody in Chromium and somebody in Firefox see and hear each other', async ({ host }) => {
  const ana = await host.join('Ana', 'mixed', { browserName: 'chromium' });
  const ben = await host.join('Ben', 'mixed', { browserName: 'firefox' });
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
});

test('four people see and hear each other @both', async ({ host }) => {
  const everybody = [];
  for (const name of ['Ana', 'Ben', 'Cleo', 'Dan']) everybody.push(await host.join(name, 'four'));
  for (const page of everybody) {
    await page.expectWith(everybody.filter((other) => other !== page).map(({ person }) => person));
  }
});

test('the way in from the home screen: a room, a name, and somebody is there @both', async ({ host }) => {
  const ana = await host.person('Ana');
  await ana.openHome();
  await ana.expectState('home');
  await ana.roomNameField.fill('From home');
  await ana.continueButton.click();
  await ana.expectState('prejoin');
  await ana.join();
  await ana.expectState('joined');

  const ben = await host.join('Ben', 'from HOME');
  await ben.expectWith([ana.person]);
});

test('rooms do not hear each other', async ({ host }) => {
  const ana = await host.join('Ana', 'red room');
  const ben = await host.join('Ben', 'red room');
  const cleo = await host.join('Cleo', 'blue room');
  await ana.expectWith([ben.person]);
  await cleo.expectWith([]);
});
