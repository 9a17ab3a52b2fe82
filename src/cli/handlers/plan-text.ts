import { brief, count, plural } from '../../numbers.ts';
import { requestsOf } from '../../plan/rate-curve.ts';
import { clean } from '../../render/layout/clean.ts';
import type { Length } from '../../lengths.ts';
import { displayWidth, wrap } from '../../render/layout/wrap.ts';
import type { Load, Resolved, ResolvedValue, Scenario } from '../../scenario/keys/scenario.ts';
import { recordedLoad } from '../../lifecycle/new-header.ts';
import { loadText } from '../../load-text.ts';
import { rankText } from '../../ranks/rank.ts';
import { formatDuration, formatStage } from '../../units.ts';
import type { Plan } from '../../multi-run/planned-runs.ts';

export interface PlanPhase {
  name: 'preflight' | 'warm-up' | 'measure' | `stage ${number}` | 'drain';
  text: string;
}

/** Returns the phases of a run in order, each with a sentence. */
export function planPhases({ scenario, size }: Pick<Plan, 'scenario' | 'size'>): PlanPhase[] {
  const { load, workload, run, slo, gates } = scenario;
  const hasTurns = size.sessions !== null;
  const loadIn = (own: Load): string => loadText(recordedLoad(own, { count: Infinity, hasTurns }));
  const phases: PlanPhase[] = [];
  if (run.probe) {
    const tokens = workload.data === null ? ', and how many tokens a word is' : '';
    phases.push({
      name: 'preflight',
      text: `A few requests learn which fields this endpoint takes${tokens}.`,
    });
  }
  if (load.warmup > 0) {
    const first = load.stages?.[0];
    const warmup = first === undefined ? load : { ...load, rate: first.from, stages: null };
    const text = `${formatDuration(load.warmup)} of requests: ${loadIn(warmup)}`;
    phases.push({ name: 'warm-up', text: `${text}; they are not judged.` });
  }
  const length = lengthText(load);
  const good =
    slo.length === 0
      ? 'every success is good'
      : `good are those with ${slo.map(({ text }) => text).join(' and ')}`;
  const verdict =
    gates.length === 0
      ? 'no gate decides'
      : `${plural(gates.length, 'gate')} ${gates.length === 1 ? 'decides' : 'decide'}`;
  phases.push({
    name: 'measure',
    text: `${length}: ${loadIn(load)}; ${good}, and ${verdict}.`,
  });
  for (const [at, stage] of (load.stages ?? []).entries()) {
    const expected = requestsOf(stage);
    const text = `${formatStage(stage.from, stage.to, formatDuration(stage.for))}: ${expected < 10 ? brief(expected) : count(expected)} ${hasTurns ? 'sessions' : 'requests'} are expected.`;
    phases.push({ name: `stage ${at + 1}`, text });
  }
  const drain =
    load.drain === 0
      ? 'Requests still in flight are cut at once.'
      : `${hasTurns && load.duration === null ? 'The sessions that have begun go on' : 'Nothing new is sent'}; requests in flight are followed for up to ${formatDuration(load.drain)}, then cut.`;
  phases.push({ name: 'drain', text: drain });
  return phases;
}

function lengthText({ requests, sessions, duration, trace, warmup }: Scenario['load']): string {
  if (requests !== null) return plural(requests, 'request');
  if (sessions !== null) return plural(sessions, 'session');
  if (duration === null && trace === undefined) return 'all sessions of the data';
  const length = duration ?? trace!.end_us / 1000 - warmup;
  return `${formatDuration(length)} of requests`;
}

/** Returns the plan of one run as text. */
export function planText(resolved: Resolved, plan: Plan, width: number): string {
  const { values } = resolved;
  const { scenario } = plan;
  const { share } = scenario.load;
  const rank = share === undefined ? '' : ` for ${rankText(share)}`;
  return [
    ...wrap(
      `Plan of ${scenario.name}${rank}, against ${clean(placeOf(resolved))}. Nothing was sent.`,
      width,
      {
        whole: true,
      },
    ),
    '',
    'Phases',
    ...columns(phaseRows(plan), width),
    '',
    'Size',
    ...columns(sizeRows(plan), width),
    '',
    'Values',
    ...valueLines(values, width),
    '',
  ].join('\n');
}

/** Returns the endpoint's URL, secrets masked. */
export const placeOf = ({ scenario, values }: Resolved): string =>
  scenario.endpoint.simulated
    ? 'the embedded simulated endpoint'
    : values.find(({ path }) => path === 'endpoint.url')!.shown;

export const phaseRows = (plan: Pick<Plan, 'scenario' | 'size'>): string[][] =>
  planPhases(plan).map(({ name, text }) => [name, text]);

export const sizeRows = ({ size, scenario: { workload, run }, workers }: Plan): string[][] => [
  ...(size.sessions === null ? [] : [['sessions', sessionsText(size.sessions)]]),
  ['requests', requestsText(size)],
  ['tokens', tokensText(size, workload)],
  ...(size.tokens.reusable === undefined
    ? []
    : [['reuse', `${count(size.tokens.reusable)} tokens in repeat the beginning of an earlier request`]]),
  ...(run.workers === 'auto' ? [['workers', `${workers} on this machine`]] : []),
];

/** Returns a line for each value, its source in a separate column; a source too long for that, such as a long path, is in the next line. */
export function valueLines(values: readonly ResolvedValue[], width: number): string[] {
  const rows = values.map((value) => [clean(value.path), clean(value.shown), sourceText(value)] as const);
  const longest = (cells: readonly string[]): number => Math.max(...cells.map(displayWidth));
  const paths = longest(rows.map(([path]) => path));
  const words = longest(rows.flatMap(([, shown]) => shown.split(' ')));
  const room = width - 3 * INDENT - paths - words;
  const isLong = (source: string): boolean => displayWidth(source) > room;
  const laidOut = linesOfRows(
    rows.map(([path, shown, source]) => [path, shown, isLong(source) ? '' : source]),
    width,
  );
  return rows.flatMap(([, , source], at) =>
    isLong(source) ? laidOut[at]!.concat(' '.repeat(2 * INDENT) + source) : laidOut[at]!,
  );
}

const sourceText = ({ source, from }: ResolvedValue): string =>
  from === null ? source : `${source} ${from}`;

function sessionsText({ warmup, measure, turns_mean: turns }: NonNullable<Plan['size']['sessions']>): string {
  const each = `${brief(turns)} turns on average`;
  if (measure === null) return `as many as fit into that time, of ${each}`;
  if (warmup === null || warmup === 0) return `${count(measure)} measured, of ${each}`;
  return `${count(warmup)} in the warm-up, ${count(measure)} measured, of ${each}`;
}

function requestsText({ requests: { warmup, measure }, sessions }: Plan['size']): string {
  if (measure === null && sessions !== null) return 'those of the sessions';
  if (measure === null) return 'as many as the endpoint serves in that time (closed loop)';
  if (warmup === null) return `${count(measure)} measured, after as many as the warm-up takes (closed loop)`;
  const all = `${sessions === null ? '' : 'up to '}${plural(warmup + measure, 'request')}`;
  return warmup === 0
    ? `${all}, all measured`
    : `${all}: ${count(warmup)} warm-up, ${count(measure)} measured`;
}

function tokensText({ tokens, perRequest }: Plan['size'], { input, output }: Scenario['workload']): string {
  const parts = [
    part('in', tokens.input, perRequest.input, input),
    part('out', tokens.output, perRequest.output, output),
  ];
  return parts.join('; ');
}

function part(way: 'in' | 'out', total: number | null, mean: number | null, length: Length): string {
  if (mean === null) return `${way} as the data set has them`;
  const each = `${length.distribution === 'constant' && Number.isInteger(mean) ? '' : 'about '}${count(mean)} a request`;
  return total === null ? `${each} ${way}` : `${count(total)} ${way}, ${each}`;
}

/** Returns left-aligned, indented columns in lines of at most `width`: the widest columns are wrapped between words. */
export const columns = (rows: readonly (readonly string[])[], width: number): string[] =>
  linesOfRows(rows, width).flat();

function linesOfRows(rows: readonly (readonly string[])[], width: number): string[][] {
  const all = (rows[0] ?? []).map((_, at) => rows.map((row) => row[at]!));
  const widths = all.map((cells) => Math.max(...cells.map(displayWidth)));
  const longest = all.map((cells) => Math.max(...cells.flatMap((cell) => cell.split(' ')).map(displayWidth)));
  for (let excess = INDENT * widths.length + sum(widths) - width; excess > 0; excess--) {
    const room = widths.map((each, at) => (each > longest[at]! ? each : 0));
    if (Math.max(...room) === 0) break;
    widths[room.indexOf(Math.max(...room))]!--;
  }
  return rows.map((row) => {
    const cells = row.map((cell, at) => wrap(cell, widths[at]!, { whole: true }));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, k) =>
      cells
        .map((lines, at) => `${' '.repeat(INDENT)}${padded(lines[k] ?? '', widths[at]!)}`)
        .join('')
        .trimEnd(),
    );
  });
}

const INDENT = 2;

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - displayWidth(text)));
