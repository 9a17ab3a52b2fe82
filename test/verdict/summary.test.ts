import { expect, test } from 'vitest';
import { METRICS } from '../../src/metrics/registry.ts';
import { parseGate } from '../../src/slo/grammar.ts';
import { audit } from '../../src/verdict/audit.ts';
import { judge } from '../../src/verdict/judge.ts';
import { toSummary } from '../../src/verdict/summary.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import { reportWith, valuesOf } from './report.ts';

function summaryOf(): Summary {
  const report = reportWith({ health: { send_lag_p99_ms: 6 } });
  const values = valuesOf(report, { 'ttft p50': 50, 'ttft p99': 312.1 });
  const gate = parseGate('ttft p99<=400ms');
  if (!gate.ok) throw new Error('unreadable gate');
  const audited = audit(report, values);
  return toSummary(report, audited, judge(report, values, audited, [gate.value], { strict: false }));
}

test('has the sections of the contract in its order, and later ones at the end', () => {
  expect(Object.keys(summaryOf())).toEqual([
    'schemaVersion',
    'run',
    'endpoint',
    'load',
    'counts',
    'metrics',
    'rates',
    'slo',
    'tokens',
    'audit',
    'verdict',
    'failures',
    'notes',
    'intervals',
    'note_codes',
    'machine',
    'cost',
    'energy',
  ]);
  const first = [
    'status',
    'reasons',
    'send_lag_p99_ms',
    'dispatch_lag_p99_ms',
    'event_loop_delay_max_ms',
    'event_loop_utilization',
    'findings',
  ];
  // Keys that were added later are next to the ones that they belong to.
  expect(Object.keys(summaryOf().audit).filter((key) => first.includes(key))).toEqual(first);
  expect(Object.keys(summaryOf().verdict).slice(0, 3)).toEqual(['status', 'exitCode', 'gates']);
});

test('has every metric of the registry', () => {
  const { metrics, rates } = summaryOf();
  expect([...Object.keys(metrics), ...Object.keys(rates)].sort()).toEqual(
    METRICS.map((metric) => metric.name).sort(),
  );
});

test('is unchanged by JSON, and its reasons are sentences with advice', () => {
  const summary = summaryOf();
  expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  expect(summary.audit.status).toBe('suspect');
  expect(summary.audit.reasons).toEqual([
    expect.stringMatching(/1% of the requests .* 6\.00 ms late \(median TTFT: 50\.0 ms\)\. .*--workers/),
  ]);
  expect(summary.audit.reason_codes).toEqual(['send_lag']);
  expect(summary.audit.finding_codes).toHaveLength(summary.audit.findings.length);
  expect(summary.note_codes).toHaveLength(summary.notes.length);
  expect(summary.verdict).toEqual({
    status: 'pass',
    exitCode: 0,
    gates: [{ gate: 'ttft p99 <= 400ms', value: 312.1, unit: 'ms', pass: true }],
    hint: null,
  });
});
