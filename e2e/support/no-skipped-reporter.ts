import type { FullResult, Reporter, TestCase } from '@playwright/test/reporter';

/** In CI a skipped test is a failure: what is not run proves nothing. Elsewhere it is only said. */
export default class NoSkippedReporter implements Reporter {
  private readonly skipped: TestCase[] = [];

  printsToStdio(): boolean {
    return false;
  }

  onTestEnd(test: TestCase): void {
    if (test.outcome() === 'skipped') this.skipped.push(test);
  }

  onEnd(result: FullResult): Promise<{ status: FullResult['status'] }> {
    if (this.skipped.length === 0) return Promise.resolve({ status: result.status });
    const names = this.skipped.map((test) => `  ${test.titlePath().filter(Boolean).join(' › ')}\n`);
    process.stdout.write(`\nskipped:\n${names.join('')}`);
    const fails = process.env['CI'] !== undefined && result.status === 'passed';
    return Promise.resolve({ status: fails ? 'failed' : result.status });
  }
}
