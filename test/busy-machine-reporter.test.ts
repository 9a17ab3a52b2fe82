import { afterEach, describe, expect, test } from 'vitest';
import type { TestCase } from 'vitest/node';
import { BUSY } from './busy.ts';
import BusyMachineReporter from './busy-machine-reporter.ts';

const before = process.exitCode;
afterEach(() => {
  process.exitCode = before;
});

/** The part of a finished test that the reporter reads. */
const ended = (fullName: string, state: string, note?: string, retryCount = 0, mode = 'run'): TestCase =>
  ({
    fullName,
    options: { mode },
    module: { relativeModuleId: 'test/some.test.ts' },
    result: () => ({ state, note }),
    diagnostic: () => ({ retryCount }),
  }) as unknown as TestCase;

function report(tests: readonly TestCase[], isCi: boolean): { lines: string[]; failed: boolean } {
  const lines: string[] = [];
  const reporter = new BusyMachineReporter({ isCi, print: (line) => lines.push(line) });
  for (const each of tests) reporter.onTestCaseResult(each);
  process.exitCode = 0;
  reporter.onTestRunEnd();
  return { lines, failed: process.exitCode !== 0 };
}

const skipped = (count: number): TestCase[] =>
  Array.from({ length: count }, (_, k) => ended(`skipped ${k}`, 'skipped', BUSY));

test('names the tests that were retried or skipped because the machine was busy, and no others', () => {
  const { lines } = report(
    [
      ended('passes', 'passed'),
      ended('passes later', 'passed', undefined, 1),
      ended('fails twice', 'failed', undefined, 1),
      ended('needs Java', 'skipped', 'needs Java'),
      ended('needs IPv6', 'skipped', undefined, 0, 'skip'),
      ended('is late', 'skipped', BUSY),
      ended('timed out, then skipped itself', 'skipped'),
    ],
    false,
  );
  expect(lines).toEqual([
    'Passed only when retried: 1',
    '  test/some.test.ts > passes later',
    'Skipped on a busy machine: 2',
    '  test/some.test.ts > is late',
    '  test/some.test.ts > timed out, then skipped itself',
  ]);
});

describe('skipped tests', () => {
  test.each([
    [3, true, false],
    [4, true, true],
    [4, false, false],
  ])('%d of them, in CI: %s; the run of all tests fails: %s', (count, isCi, failed) => {
    expect(report(skipped(count), isCi).failed).toBe(failed);
  });
});
