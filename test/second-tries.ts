import type { Reporter, TestCase } from 'vitest/node';

/** Names each test that passed only at its second try: one that comes back often has a cause of its own. */
export default class SecondTries implements Reporter {
  readonly #names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.result().state === 'passed' && (test.diagnostic()?.retryCount ?? 0) > 0)
      this.#names.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd(): void {
    console.log(`Second tries: ${this.#names.length}`);
    for (const name of this.#names) console.log(`  ${name}`);
  }
}
