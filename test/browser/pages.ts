import type { StatedReport } from '../../src/analysis/stated-report.ts';
import type { RunHeader } from '../../src/record/header.ts';
import { renderRunPage } from '../../src/render/run-page/run-page.ts';
import type { Sample } from '../../src/sample.ts';
import { parseGate } from '../../src/slo/grammar.ts';
import { audit } from '../../src/verdict/audit.ts';
import { judge } from '../../src/verdict/judge.ts';
import { headerOf } from '../analysis/headers.ts';
import { type Options, seriesOfRun } from '../series/runs.ts';

export const HEADER: RunHeader = headerOf({
  name: 'a run',
  scenario: { name: 'a run', load: { rate: '10/s' } },
  environment: { node: 'v24.0.0', os: 'Linux', cpu: 'a processor', cores: 2, memory_bytes: 2 ** 33 },
  window: { start_us: 5_000_000, end_us: 60_000_000 },
  phases: [
    { name: 'warmup', start_us: 0, end_us: 5_000_000 },
    { name: 'measure', start_us: 5_000_000, end_us: 60_000_000 },
    { name: 'drain', start_us: 60_000_000, end_us: 70_000_000 },
  ],
});

/** Returns the page of a run with these requests. */
export async function pageOf(
  samples: readonly Sample[],
  {
    header = HEADER,
    limits = { ttft: 600, max_gap: 90 },
    gates = ['attainment >= 80%'],
    stated = {},
  }: Options & { gates?: string[]; stated?: Partial<StatedReport> } = {},
): Promise<string> {
  const { report, values, document } = await seriesOfRun(samples, { header, limits });
  const parsed = gates.map((text) => {
    const gate = parseGate(text);
    if (!gate.ok) throw new Error(text);
    return gate.value;
  });
  const audited = audit(report, values, parsed);
  const verdict = judge(report, values, audited, parsed, { strict: false });
  return renderRunPage({
    report: { ...report, ...stated },
    audit: audited,
    verdict,
    header,
    series: document,
  });
}
