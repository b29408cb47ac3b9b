import { expect, test } from '@playwright/test';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The last cells of all tables whose last column is called "Test". */
function testCells(markdown: string): string[] {
  const tables = markdown.split(/\n\n/).filter((block) => /^\|.*\| Test \|$/m.test(block));
  return tables.flatMap((table) =>
    table
      .split('\n')
      .slice(2)
      .filter((row) => row.startsWith('|'))
      .map((row) => row.split('|').at(-2)?.trim() ?? ''),
  );
}

async function filesBelow(folder: string, ending: string): Promise<readonly string[]> {
  // A crate without such a folder has no such test, which is what is found then.
  const names = await readdir(join(root, folder), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(ending)).map((name) => join(root, folder, name));
}

/** What is wrong with a cell; empty when all tests that it names exist. */
async function faults(cell: string): Promise<string[]> {
  const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  const crates = await readdir(join(root, 'crates'));
  const crate = named.find((name) => crates.includes(name)) ?? 'videoroom';
  const found: string[] = [];
  for (const name of named.filter((candidate) => !crates.includes(candidate))) {
    if (name.endsWith('.spec.ts')) {
      const [, titles = ''] = cell.split(`\`${name}\``);
      found.push(...(await specFaults(name, titles.split('`')[0] ?? '')));
    } else if (name.includes('/')) {
      await access(join(root, name)).catch(() => found.push(`${name} does not exist`));
    } else if (!(await hasRustTest(crate, name))) {
      found.push(`${crate} has no test ${name}`);
    }
  }
  return named.length === 0 ? [`"${cell}" names no test`] : found;
}

async function specFaults(name: string, titles: string): Promise<string[]> {
  const file = (await filesBelow('e2e/tests', 'spec.ts')).find((path) => path.endsWith(`/${name}`));
  if (file === undefined) return [`there is no ${name}`];
  const source = await readFile(file, 'utf8');
  return [...titles.matchAll(/"([^"]+?)(?: …)?"/g)]
    .filter(([, title = '']) => !source.includes(`test('${title}`))
    .map(([title]) => `${name} has no test ${title}`);
}

/** A path ends with a function, or with a module whose tests are all meant. */
async function hasRustTest(crate: string, path: string): Promise<boolean> {
  const last = path.split('::').at(-1) ?? path;
  const declared = new RegExp(`\\b(fn|mod) ${last}\\b`);
  for (const file of await filesBelow(`crates/${crate}`, '.rs')) {
    if (declared.test(await readFile(file, 'utf8'))) return true;
  }
  return false;
}

test('every test that the operations guide names exists', async () => {
  const cells = testCells(await readFile(join(root, 'docs/operations.md'), 'utf8'));
  expect(cells.length, 'the tables are found').toBeGreaterThan(20);
  expect((await Promise.all(cells.map(faults))).flat()).toEqual([]);
});
