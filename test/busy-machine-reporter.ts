import type { Reporter, TestCase } from 'vitest/node';
import { BUSY } from './busy.ts';

/** With more skipped tests than this, a run of all tests in CI says too little. */
const MOST_SKIPPED = 3;

/** Returns true if a skipped test skipped itself. If it had timed out before, it has no note. */
const hasBegun = (test: TestCase): boolean => test.options.mode !== 'skip' && test.options.mode !== 'todo';

/**
 * Lists what a busy machine did to the tests: which passed only when they were retried, and which were skipped. A test that appears
 * often has a cause of its own. In CI too many skipped tests are a failure.
 */
export default class BusyMachineReporter implements Reporter {
  readonly #retried: string[] = [];
  readonly #skipped: string[] = [];
  readonly #isCi: boolean;
  readonly #print: (line: string) => void;

  constructor({ isCi = 'CI' in process.env, print = console.log as (line: string) => void } = {}) {
    this.#isCi = isCi;
    this.#print = print;
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    const name = `${test.module.relativeModuleId} > ${test.fullName}`;
    if (result.state === 'passed' && (test.diagnostic()?.retryCount ?? 0) > 0) this.#retried.push(name);
    if (result.state === 'skipped' && hasBegun(test) && (result.note ?? BUSY) === BUSY)
      this.#skipped.push(name);
  }

  onTestRunEnd(): void {
    this.#list('Passed only when retried', this.#retried);
    this.#list('Skipped on a busy machine', this.#skipped);
    if (!this.#isCi || this.#skipped.length <= MOST_SKIPPED) return;
    this.#print(`FAIL: more than ${MOST_SKIPPED} tests were skipped because the machine was busy`);
    process.exitCode = 1;
  }

  #list(title: string, names: readonly string[]): void {
    this.#print(`${title}: ${names.length}`);
    for (const name of names) this.#print(`  ${name}`);
  }
}
