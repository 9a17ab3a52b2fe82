import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/metrics/registry.ts';
import { clean } from '../../src/render/layout/clean.ts';
import { renderPrometheus } from '../../src/render/run/prometheus.ts';
import type { Judged } from '../../src/render/run/text.ts';
import { readExposition, type ExposedSample } from '../exposition.ts';
import { randomJudged } from './random-report.ts';
import { dead, failing, passing } from './reports.ts';

const OWN = { run: 'r1', name: 'chat-interactive', model: 'my-model' };

const read = (...runs: Judged[]) => readExposition(renderPrometheus(runs));

const other = (judged: Judged, id: string): Judged => ({
  ...judged,
  report: { ...judged.report, run: { ...judged.report.run, id } },
});

describe('prometheus', () => {
  it('has distributions as summaries in seconds, without missing quantiles', () => {
    const name = 'goodput_ttft_seconds';
    const quantiles = { '0.5': 0.08541, '0.75': 0.112805, '0.9': 0.1402, '0.95': 0.1904, '0.99': 0.3121 };
    expect(read(passing()).get(name)).toEqual({
      name,
      help: 'Time to first token: first − start.',
      type: 'summary',
      samples: [
        ...Object.entries(quantiles).map(([quantile, value]) => ({
          name,
          labels: { ...OWN, quantile },
          value,
        })),
        // 300 requests of 98.23 ms on average.
        { name: `${name}_sum`, labels: OWN, value: 29.469 },
        { name: `${name}_count`, labels: OWN, value: 300 },
      ],
    });
  });

  it('has the figures of the run as gauges, the requests by outcome, gates and states', () => {
    const families = read(failing());
    const values = (name: string, label: string): [string, number][] =>
      families.get(name)!.samples.map(({ labels, value }: ExposedSample) => [labels[label] ?? '', value]);
    expect(values('goodput_run_goodput_rpm', '')).toEqual([['', 50]]);
    expect(values('goodput_run_rpm', '')).toEqual([['', 52]]);
    expect(values('goodput_requests', 'outcome')).toEqual(
      Object.entries({ ok: 52, timeout: 3, http_error: 2, aborted: 3 }),
    );
    expect(values('goodput_gate_pass', 'gate')).toEqual([
      ['attainment >= 86.21%', 0],
      ['ttft p95 <= 400ms', 1],
      ['e2e p99 <= 6s', 0],
    ]);
    // The third gate has no value, and so no series.
    expect(values('goodput_gate_value', 'unit')).toEqual([
      ['ratio', 50 / 58],
      ['ms', 210.7],
    ]);
    const state = (name: string): string[] =>
      values(name, 'status').flatMap(([status, value]) => (value === 1 ? [status] : []));
    expect(state('goodput_verdict')).toEqual(['fail']);
    expect(state('goodput_audit')).toEqual(['suspect']);
  });

  it('marks quantiles that are only lower bounds', () => {
    const bounds = (judged: Judged): [string, number][] =>
      read(judged)
        .get('goodput_ttft_seconds_lower_bound')!
        .samples.map(({ labels, value }) => [labels['quantile']!, value]);
    const shown = ['0.5', '0.75', '0.9', '0.95'];
    expect(bounds(passing())).toEqual([...shown, '0.99'].map((quantile) => [quantile, 0]));
    expect(bounds(failing())).toEqual(shown.map((quantile) => [quantile, quantile === '0.95' ? 1 : 0]));
  });

  it('omits figures without a value, as for a dead endpoint', () => {
    const names = [...read(dead()).keys()];
    expect(names).not.toContain('goodput_ttft_seconds');
    expect(names).not.toContain('goodput_run_little');
    expect(names).toContain('goodput_run_error_rate');
  });

  it('has every metric of the registry', () => {
    const names = [...read(passing(), other(failing(), 'r2')).keys()];
    const empty = ['queue_wait', 'connect', 'on_time_share'];
    for (const { name, kind } of METRICS.filter(
      (metric) => !empty.includes(metric.name) && metric.needsStated === null,
    ))
      expect(names).toContainEqual(
        expect.stringMatching(kind === 'run' ? `^goodput_run_${name}$` : `^goodput_${name}(_seconds)?$`),
      );
  });

  it('is valid with any text in it, and repeats no series', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const judged = randomJudged(seed);
      judged.report.run.name += '"} 1\n# TYPE x counter\\';
      judged.verdict.gates.push(...judged.verdict.gates);
      const families = read(judged, judged, other(judged, 'r2'));
      const { labels } = families.get('goodput_exit_code')!.samples[0]!;
      expect(labels['name']).toBe(clean(judged.report.run.name));
      expect(families.get('goodput_exit_code')!.samples).toHaveLength(2);
    }
  });
});
