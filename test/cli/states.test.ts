import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { goodput, scratchFolder } from './goodput.ts';

/** The states of the audit through the whole program, on a preset that completes 12 requests/s of the default workload. */
const scratch = await scratchFolder();
let count = 0;

interface Simulated {
  dir: string;
  code: number | null;
  summary: Summary;
}

async function simulate(...args: string[]): Promise<Simulated> {
  const dir = join(scratch, `state-${count++}`);
  const preset = ['--preset', 'llama-3.1-70b-b200'];
  const { code, stdout } = await goodput(['simulate', ...preset, ...args, '--json', '--quiet', '--out', dir]);
  return { dir, code, summary: JSON.parse(stdout) as Summary };
}

const formatted = async (dir: string, format: string): Promise<string> =>
  (await goodput(['report', dir, '--format', format])).stdout;

describe('an overloaded server', { timeout: 120_000 }, () => {
  test('whose requests of the window were all cut off is a finding: the run is valid, and its gates decide', async () => {
    const { dir, code, summary } = await simulate(
      '--rate',
      '200/s',
      '--gate',
      'attainment >= 90%',
      '--slo',
      'ttft<=1s',
    );
    const { audit, rates, counts } = summary;
    expect(counts.ok).toBe(0);
    expect(audit).toMatchObject({ status: 'valid', reasons: [] });
    expect(audit.steady).toMatchObject({
      state: 'overloaded',
      overload: true,
      offered_rps: rates.offered_rps,
      completed_rps: rates.rps,
      warmup_needed_s: null,
    });
    // By hand: 12/s are served, and the seed's 200/s are offered.
    expect(rates.rps).toBeGreaterThan(8);
    expect(rates.rps).toBeLessThan(14);
    expect(audit.findings[0]).toMatch(
      /^Overload: the server completes [\d.]+ of (19|20)\d req\/s offered.*goodput capacity/,
    );
    expect(code).toBe(99);
    for (const format of ['text', 'markdown', 'github']) {
      const text = (await formatted(dir, format)).replaceAll(/\s+/g, ' ');
      expect(text).toContain('Overload: the server completes');
      expect(text).not.toContain('by hand');
    }
    expect(await formatted(dir, 'prometheus')).toMatch(
      /goodput_steady_state\{[^}]*status="overloaded"[^}]*\} 1\n/,
    );
    expect(await formatted(dir, 'junit')).toMatch(/name="steady_state" value="overloaded"/);
    const [names, values] = (await formatted(dir, 'csv')).split('\r\n').map((line) => line.split(','));
    expect(values![names!.indexOf('steady_state')]).toBe('overloaded');
  });

  test('at 1.5 and 4 times its capacity', async () => {
    for (const rate of ['18/s', '50/s']) {
      const { summary } = await simulate('--rate', rate);
      expect(summary.audit).toMatchObject({ status: 'valid', steady: { state: 'overloaded' } });
    }
  });

  test('behind a cap: what waits for the cap counts', async () => {
    const { summary } = await simulate('--rate', '12/s', '--max-concurrency', '16');
    expect(summary.audit.steady!.state).toBe('overloaded');
    expect(summary.audit.findings.join('\n')).toMatch(/Overload: .* with 16 requests in flight/);
  });

  test('there is none in closed loop', async () => {
    const { summary } = await simulate('--concurrency', '400', '--warmup', '60s');
    expect(summary.audit.steady).toMatchObject({ state: 'steady', offered_rps: null });
  });
});

test('a server that fills up is suspect, and steady with the warm-up of the advice', async () => {
  // Half of its capacity: a request takes 4 to 5 s.
  const load = ['--rate', '6/s', '--duration', '8s'];
  const { code, summary } = await simulate(...load, '--warmup', '0s');
  expect([code, summary.audit.status, summary.audit.steady!.state]).toEqual([0, 'suspect', 'filling']);
  const needed = summary.audit.steady!.warmup_needed_s!;
  expect(needed).toBeGreaterThanOrEqual(4);
  expect(needed).toBeLessThanOrEqual(8);
  expect(summary.audit.reasons).toEqual([expect.stringContaining(`--warmup ${needed}s`)]);
  const again = await simulate(...load, '--warmup', `${needed}s`);
  expect(again.summary.audit).toMatchObject({ status: 'valid', reasons: [] });
});
