import type { CapacityDocument, ListedWindow } from '../../capacity/capacity-document.ts';
import type { FoundCapacity } from './capacity.ts';
import { csvTable, type Row } from '../writers/csv-table.ts';

/** Returns CSV (RFC 4180) with one row per search window, each beginning with the answer; a search without windows has one row. */
export function renderCapacityCsv({ document, context }: FoundCapacity): string {
  const { probes } = document;
  const answer: Row = [
    ['simulated', document.simulated === true],
    ['name', context.name],
    ['search', context.dir],
    ['status', document.status],
    ['exit_code', document.verdict.exitCode],
    ['by', document.by],
    ['target', document.target],
    ['capacity_rps', document.capacity_rps],
    ['low_rps', document.low_rps],
    ['high_rps', document.high_rps],
    ['capacity_concurrency', document.capacity_concurrency],
    ['low_concurrency', document.low_concurrency],
    ['high_concurrency', document.high_concurrency],
    ['per_gpu_rps', document.per_gpu_rps?.value ?? null],
    ['binding', document.binding],
  ];
  const rows = probes.length === 0 ? [null] : probes;
  return csvTable(rows.map((probe, at) => answer.concat(probeColumns(probe, at, document))));
}

const probeColumns = (
  probe: ListedWindow | null,
  at: number,
  { probes }: Pick<CapacityDocument, 'probes'>,
): Row => [
  ['probe', probe === null ? null : at + 1],
  ['kind', probe?.kind ?? null],
  ['rate_rps', probe?.rate_rps ?? null],
  ['concurrency', probe?.concurrency ?? null],
  ['offered_rps', probe?.offered_rps ?? null],
  ['completed_rps', probe?.completed_rps ?? null],
  ['attainment', probe?.attainment.value ?? null],
  ['attainment_low', probe?.attainment.low ?? null],
  ['attainment_high', probe?.attainment.high ?? null],
  ['requests_judged', probe?.judged ?? null],
  ['requests_good', probe?.good ?? null],
  ['window_s', probe?.window_s ?? null],
  ['took_s', probe?.took_s ?? null],
  ['e2e_mean_ms', probe?.e2e_ms ?? null],
  ...[...new Set(probes.flatMap(({ missed }) => Object.keys(missed)))]
    .toSorted()
    .map((slo): Row[number] => [`missed_${slo}`, probe === null ? null : (probe.missed[slo] ?? 0)]),
  ['ended', probe?.ended ?? null],
  ['void', probe?.void ?? null],
  ['contended', probe?.contended ?? null],
  ['suspect', probe?.suspect ?? null],
  ['repeats', probe?.repeats ?? null],
  ['dropped', probe?.dropped ?? null],
  ['seed', probe?.seed ?? null],
  ['run', probe?.run ?? null],
];
