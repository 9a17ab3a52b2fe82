import type { ImpossibleFigure } from '../../analysis/impossible.ts';
import type { MachineReport } from '../../analysis/machine-report.ts';
import type { Report } from '../../analysis/report.ts';
import { duration, share, significant } from '../../numbers.ts';
import { entry } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';

/** Returns the lines of the stated machine, its cost and its energy; none if nothing is stated. */
export function stated(report: Report, page: Page): string[] {
  const { machine } = report;
  return statedTexts(report, page.unicode).flatMap(({ label, texts }) =>
    texts.flatMap((text, at) => {
      const lines = entry(at === 0 ? label : '', text, page);
      return machine !== null && label === IMPOSSIBLE ? lines.map(page.ink.warn) : lines;
    }),
  );
}

/** Texts with a label in common. */
interface Labelled {
  label: string;
  texts: string[];
}

const IMPOSSIBLE = 'Impossible';

/** Returns what a report says about the stated machine, its cost and its energy, in the order of the text report. */
export function statedTexts(report: Report, unicode = true): Labelled[] {
  const { machine, cost, energy } = report;
  const all: Labelled[] = [
    { label: 'Machine', texts: machine === null ? [] : machineTexts(machine) },
    { label: 'Floors', texts: machine === null ? [] : floorTexts(machine, report.metrics) },
    { label: IMPOSSIBLE, texts: (machine?.impossible ?? []).map(impossibleText) },
    { label: 'Cost', texts: cost === null ? [] : costTexts(cost) },
    { label: 'Energy', texts: energy === null ? [] : energyTexts(energy, unicode) },
    { label: 'Assumed', texts: [machine?.assumptions.join('; ') ?? ''] },
  ];
  return all
    .map(({ label, texts }) => ({ label, texts: texts.filter((text) => text !== '') }))
    .filter(({ texts }) => texts.length > 0);
}

/** Returns the parts that are not `null`, separated by commas. */
const joined = (parts: readonly (string | null)[], separator = ', '): string =>
  parts.filter((part) => part !== null && part !== '').join(separator);

const figure = (lead: string, value: number | null, format: (value: number) => string): string | null =>
  value === null ? null : `${lead} ${format(value)}`;

const UNVERIFIED = new Map([
  ['peakFlops', 'peak FLOP/s'],
  ['peakBandwidth', 'peak bandwidth'],
]);

function machineTexts({ model, ...machine }: MachineReport): string[] {
  const { accelerator, count, precision, batch, intensity, bound, ridge, unverified } = machine;
  const parts = joined([
    figure('prefill', machine.mfu_prefill, share),
    figure('decode', machine.mfu_decode, share),
  ]);
  const mfu =
    machine.mfu === null ? parts.replace('decode', 'MFU of decode') : `MFU ${share(machine.mfu)} (${parts})`;
  const mbu = figure('MBU', machine.mbu, share);
  const from = batch.from === 'telemetry' ? ' by telemetry' : '';
  const boundText = (phase: 'prefill' | 'decode'): string | null => {
    const [limit, flop] = [bound[phase], intensity[phase]];
    return limit === null || flop === null
      ? null
      : `${phase} ${limit}-bound at ${significant(flop)} FLOP/byte`;
  };
  return [
    `${count} x ${accelerator}, ${precision}; model of ${scaled(model.params, 'B')} parameters, ${scaled(model.weight_bytes, 'G')}B of weights`,
    joined([mfu, mbu === null ? null : `${mbu} at a batch of ${significant(batch.value)}${from}`], '; '),
    joined([boundText('prefill'), boundText('decode'), figure('ridge at', ridge, significant)]),
    unverified.length === 0
      ? ''
      : `UNVERIFIED: no source confirms the ${unverified.map((name) => UNVERIFIED.get(name) ?? name).join(' and the ')} of the catalogue`,
  ];
}

/** Returns a large number with a prefix: `8.03 G`, `512 M`. @param billion the prefix of 10⁹ */
function scaled(value: number, billion: 'B' | 'G'): string {
  if (value >= 1e12) return `${significant(value / 1e12)} T`;
  return value >= 1e9 ? `${significant(value / 1e9)} ${billion}` : `${significant(value / 1e6)} M`;
}

function floorTexts({ floors }: MachineReport, metrics: Report['metrics']): string[] {
  const floorText = (name: 'ttft' | 'tpot'): string | null => {
    const floor = floors[`${name}_ms`];
    const median = metrics[name]?.p50 ?? null;
    if (floor === null) return null;
    return `${name} ${duration(floor)}${median === null ? '' : ` (median ${duration(median)})`}`;
  };
  return [joined([floorText('ttft'), floorText('tpot')])];
}

/** Returns an impossible figure with the likely reasons. */
function impossibleText({ figure: name, measured, floor, reasons }: ImpossibleFigure): string {
  const isShare = name === 'mfu' || name === 'mbu';
  const what = isShare
    ? `${name.toUpperCase()} of ${share(measured)} is above 100%`
    : `${name} p50 ${duration(measured)} is below its floor of ${duration(floor)}`;
  const withheld = isShare ? name : name === 'ttft' ? 'mfu' : 'mbu';
  return `${what}, so ${withheld.toUpperCase()} is withheld. Likely: ${reasons.join('; ')}.`;
}

/** Returns an amount of money. */
const money = (value: number, currency: string): string => `${significant(value)} ${currency}`;

function costTexts(cost: NonNullable<Report['cost']>): string[] {
  const { currency, by, total, prefill_share } = cost;
  const source = by === 'devices' ? 'by devices' : 'by prices of tokens';
  if (total === null) return [`unknown ${source}: the server did not count the tokens`];
  const per = (value: number | null, what: string): string | null =>
    value === null ? null : `${money(value, currency)} ${what}`;
  const part = by === 'devices' ? 'prefill' : 'input';
  return [
    joined([per(cost.per_request, 'per request'), per(cost.per_good_request, 'per good request')]),
    joined([per(cost.per_1m_output, 'per 1M output tokens'), per(cost.per_1m_total, 'per 1M tokens')]),
    joined([
      `${money(total, currency)} in the window, ${source}`,
      prefill_share === null ? null : `${share(prefill_share)} of it for ${part}`,
    ]),
  ];
}

const SOURCE = { counter: 'an energy counter', power: 'samples of the power', tdp: '' } as const;

function energyTexts(energy: NonNullable<Report['energy']>, unicode: boolean): string[] {
  const { from, upper_bound, mean_watt } = energy;
  const most = upper_bound ? (unicode ? '≤ ' : '<= ') : '';
  const per = (value: number | null, what: string): string | null =>
    value === null ? null : `${most}${significant(value)} J ${what}`;
  return [
    joined([
      per(energy.per_output_token, 'per output token'),
      per(energy.per_request, 'per request'),
      per(energy.per_good_request, 'per good request'),
    ]),
    upper_bound
      ? `upper bound: the TDP of ${significant(mean_watt)} W is the heat to remove, not the power drawn`
      : `${significant(mean_watt)} W on average, by ${SOURCE[from]}`,
  ];
}
