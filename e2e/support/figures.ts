import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Prints what was measured, and adds it under this key to the file that `BENCH_OUTPUT` names. */
export async function report(key: string, what: string, milliseconds: readonly number[]): Promise<void> {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const percentile = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  const summary = { runs: sorted.length, p50: percentile(0.5), p95: percentile(0.95), worst: percentile(1) };
  process.stdout.write(
    `${what}, ms: p50 ${summary.p50}, p95 ${summary.p95}, worst ${summary.worst}, n ${summary.runs}\n`,
  );
  await record(key, { unit: 'ms', ...summary, all: sorted });
}

/** The same for what is no list of times: a few numbers by what they say. */
export async function reportNumbers(
  key: string,
  what: string,
  numbers: Readonly<Record<string, number>>,
): Promise<void> {
  const words = Object.entries(numbers).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${what}: ${words.join(', ')}\n`);
  await record(key, numbers);
}

async function record(key: string, value: unknown): Promise<void> {
  const file = process.env['BENCH_OUTPUT'];
  if (file === undefined) return;
  await mkdir(dirname(file), { recursive: true });
  // The first benchmark of a run finds no file.
  const others = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, unknown>;
  await writeFile(file, `${JSON.stringify({ ...others, [key]: value }, null, 2)}\n`);
}
