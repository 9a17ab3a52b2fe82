import { expect, test, vi } from 'vitest';
import { compare } from '../../src/compare/comparison.ts';
import { DEFAULT_SETTINGS } from '../../src/compare/comparison-document.ts';
import { renderCsv } from '../../src/render/run/csv.ts';
import { renderPrometheus } from '../../src/render/run/prometheus.ts';
import { renderText } from '../../src/render/run/text.ts';
import { scenarioFromEcho } from '../../src/scenario/echo.ts';
import { parseFigure, parseGate } from '../../src/slo/grammar.ts';
import { audit } from '../../src/verdict/audit.ts';
import { judge } from '../../src/verdict/judge.ts';
import { toSummary } from '../../src/verdict/summary.ts';
import { metricsPage } from '../../tools/docs/metrics.ts';
import { failed, requests, run } from '../analysis/run.ts';
import { headerOf } from '../analysis/headers.ts';
import { SCENARIO } from '../compare/runs.ts';

// The two files that a new run metric touches, each with one more entry. Everything else is the unchanged program.
vi.mock('../../src/metrics/declared-metrics.ts', async (original) => {
  const { DECLARED_METRICS } = await original<typeof import('../../src/metrics/declared-metrics.ts')>();
  const failed_rps = {
    ...DECLARED_METRICS.sent_rps,
    label: 'Requests failed',
    formula: 'requests of the cohort that failed ÷ W',
    better: 'lower',
    textLine: { line: 'requests', word: 'failed' },
  };
  return { DECLARED_METRICS: { ...DECLARED_METRICS, failed_rps } };
});
vi.mock('../../src/analysis/run-formulas.ts', async (original) => {
  const { RUN_FORMULAS } = await original<typeof import('../../src/analysis/run-formulas.ts')>();
  type Totals = Parameters<typeof RUN_FORMULAS.sent_rps>[0];
  return { RUN_FORMULAS: { ...RUN_FORMULAS, failed_rps: ({ failed, seconds }: Totals) => failed / seconds } };
});

/** Returns a judged run of 120 requests in 60 s. If every fourth fails, there are 30 ÷ 60 = 0.5 failures per second; if every third, 40 ÷ 60. */
async function judgedRun(id: string, seed: number, every: number) {
  const samples = requests(120, (i) => (i % every === 0 ? failed('timeout') : {}));
  const header = headerOf({ id, seed, scenario: SCENARIO });
  const { report, values, series } = await run(samples, { header, limits: { ttft: 200 } });
  const gates = ['failed_rps <= 0.5', 'failed_rps <= 29/min'].map((text) => {
    const gate = parseGate(text);
    if (!gate.ok) throw new Error(gate.problem[0]!.message);
    return gate.value;
  });
  const found = audit(report, values, gates);
  const verdict = judge(report, values, found, gates, { strict: false });
  return {
    dir: id,
    scenario: scenarioFromEcho(SCENARIO),
    header,
    report,
    values,
    series,
    audit: found,
    verdict,
  };
}

test('a run metric with a declaration and a formula is in every output', async () => {
  const one = await judgedRun('one', 1, 4);
  const summary = toSummary(one.report, one.audit, one.verdict);
  expect(summary.rates).toMatchObject({ failed_rps: 0.5 });
  expect(one.verdict.gates.map(({ value, unit, pass }) => [value, unit, pass])).toEqual([
    [0.5, 'req/s', true],
    [0.5, 'req/s', false],
  ]);
  expect(renderText(one, { width: 120, color: false, unicode: true })).toMatch(
    /sent .*, failed 0\.500 req\/s/,
  );

  const [head, row] = renderCsv([one])
    .split('\r\n')
    .map((line) => line.split(','));
  expect(row![head!.indexOf('failed_rps')]).toBe('0.5');
  expect(renderPrometheus([one])).toMatch(/^goodput_run_failed_rps\{.*run="one".*\} 0\.5$/m);

  expect(metricsPage()).toContain(
    '| `failed_rps` | Requests failed | requests of the cohort that failed ÷ W | req/s | lower | – |',
  );
});

test('it is compared, and can decide a comparison', async () => {
  const side = (every: number, ids: readonly string[]) =>
    Promise.all(ids.map((id, k) => judgedRun(id, k + 1, every)));
  const sides = { base: await side(4, ['a', 'b']), new: await side(3, ['c', 'd']) };
  const figure = parseFigure('failed_rps');
  if (!figure.ok) throw new Error(figure.problem[0]!.message);
  const found = compare(sides, { ...DEFAULT_SETTINGS, deciding: [figure.value] });
  expect(found.rates['failed_rps']).toMatchObject({
    base: 0.5,
    diff: 40 / 60 - 0.5,
    verdict: 'worse',
    decides: true,
  });
  expect(found.verdict).toMatchObject({ status: 'worse', decided_by: ['failed_rps'] });
});
