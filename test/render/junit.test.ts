import { describe, expect, it } from 'vitest';
import { renderJunit } from '../../src/render/run/junit.ts';
import { randomJudged } from './random-report.ts';
import { childrenNamed as named, parsedXml as parsed } from './xml.ts';
import { dead, failing, interrupted, passing } from './reports.ts';

describe('junit', () => {
  it('has a suite per run and a case per gate', () => {
    const suites = parsed(renderJunit([passing(), failing()]));
    expect(suites.name).toBe('testsuites');
    const [good, bad] = named(suites, 'testsuite');
    expect(good!.attributes).toEqual({
      name: 'chat-interactive',
      tests: '4',
      failures: '0',
      errors: '0',
      skipped: '0',
      timestamp: '2026-03-01T12:00:00',
      time: '60.000',
    });
    expect(named(good!, 'testcase').map(({ attributes }) => attributes['name'])).toEqual([
      'the run is valid',
      'attainment >= 90%',
      'ttft p99 <= 400ms',
      'error_rate <= 1%',
    ]);
    expect(bad!.attributes).toMatchObject({ tests: '4', failures: '2', errors: '0' });
    const missed = named(bad!, 'testcase').filter((each) => named(each, 'failure').length > 0);
    expect(missed.map((each) => named(each, 'failure')[0]!.attributes['message'])).toEqual([
      'attainment >= 86.21%: 86.2%',
      expect.stringMatching(/^e2e p99 <= 6s: no value; too many requests failed/),
    ]);
    const properties = named(named(good!, 'properties')[0]!, 'property').map(({ attributes }) => attributes);
    expect(properties).toContainEqual({ name: 'goodput_rpm', value: '278' });
  });

  it.each([
    [
      'invalid',
      dead(),
      'the run is valid',
      /^do not trust these numbers\. None of the 300 requests succeeded/,
    ],
    ['interrupted', interrupted(), 'the run is complete', /^The run was interrupted \(Ctrl-C\)/],
  ])('%s is an error, not a failure', (_, judged, name, message) => {
    const [suite] = named(parsed(renderJunit([judged])), 'testsuite');
    expect(suite!.attributes['errors']).toBe('1');
    const broken = named(suite!, 'testcase').find((each) => named(each, 'error').length > 0)!;
    expect(broken.attributes['name']).toBe(name);
    expect(named(broken, 'error')[0]!.attributes['message']).toMatch(message);
  });

  it('is well-formed, has the right counts, and fails exactly if the exit code is not 0, for any text in it', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const judged = randomJudged(seed);
      judged.report.run.name += ' <&>"\' ]]> \u0000\u000b\ufffe\ud800';
      const [suite] = named(parsed(renderJunit([judged])), 'testsuite');
      const cases = named(suite!, 'testcase');
      const countOf = (kind: string): string =>
        String(cases.filter((each) => named(each, kind).length > 0).length);
      expect(suite!.attributes).toMatchObject({
        tests: String(cases.length),
        failures: countOf('failure'),
        errors: countOf('error'),
      });
    }
    for (const [judged, red] of [
      [passing(), false],
      [failing(), true],
      [dead(), true],
      [interrupted(), true],
    ] as const)
      expect(/<(failure|error) /.test(renderJunit([judged]))).toBe(red);
  });
});
