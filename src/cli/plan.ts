import { availableParallelism } from 'node:os';
import { EXIT } from '../errors.ts';
import { arrivals } from '../plan/arrivals.ts';
import { requestsOf } from '../plan/rate-curve.ts';
import { clean } from '../render/clean.ts';
import { renderJson } from '../render/json.ts';
import { workerCount } from '../run/worker-count.ts';
import type { Flags } from '../scenario/options.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import type { Length, Resolved, ResolvedValue, Scenario } from '../scenario/scenario.ts';
import { formatDuration, formatRate, formatStage } from '../units.ts';
import { type PromptEntry, readPrompts } from '../workload/prompts.ts';
import { openWorkload } from '../workload/workload.ts';
import type { Io } from './io.ts';
import { readScenarioText } from './scenario-file.ts';

/** Requests and tokens of a plan. `null`: nobody can know before the run. */
export interface PlanSize {
  requests: { warmup: number | null; measure: number | null };
  /** Of all requests counted above; of a prompt file's input the tokens are unknown. */
  tokens: { input: number | null; output: number | null };
  /** Means over these requests; in closed loop over the first of the plan. */
  perRequest: { input: number | null; output: number };
}

export interface PlanPhase {
  name: 'probe' | 'warm-up' | 'measure' | `stage ${number}` | 'drain';
  text: string;
}

/** In closed loop the plan has no end: as many requests as these give the means. */
const SAMPLED = 1000;

/**
 * `goodput plan`: what a run would do, without sending anything.
 * @returns the exit code
 * @throws {GoodputError} kind `usage`, as `run` would
 */
export async function planCommand(path: string | null, flags: Flags, io: Io): Promise<number> {
  const file = path === null ? null : await readScenarioText(path);
  const { resolved, warnings } = resolveScenario({ file, env: io.env, flags });
  const { scenario } = resolved;
  const prompts = scenario.workload.prompts === null ? null : await readPrompts(scenario.workload.prompts);
  const size = planSize(scenario, prompts);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const workers = workerCount(scenario, availableParallelism());
  io.stdout.write(
    flags.json === true ? planJson(resolved, size, workers) : planText(resolved, size, workers),
  );
  return EXIT.ok;
}

/** Counts by walking the plan's instants and lengths; no text is made. */
export function planSize(scenario: Scenario, prompts: readonly PromptEntry[] | null): PlanSize {
  const workload = openWorkload(scenario, { prompts });
  const { load } = scenario;
  const requests = { warmup: 0, measure: 0 };
  const sum = { input: 0, output: 0 };
  const add = (i: number): void => {
    const { input, output } = workload.size(i);
    sum.input += input ?? 0;
    sum.output += output;
  };
  const known = prompts === null;

  if (load.concurrency === null) {
    for (const { i, phase } of arrivals(scenario)) {
      requests[phase]++;
      add(i);
    }
    const count = requests.warmup + requests.measure;
    return {
      requests,
      tokens: { input: known ? sum.input : null, output: sum.output },
      perRequest: { input: known ? mean(sum.input, count) : null, output: mean(sum.output, count) },
    };
  }
  const sampled = load.requests ?? SAMPLED;
  for (let i = 0; i < sampled; i++) add(i);
  return {
    requests: { warmup: load.warmup === 0 ? 0 : null, measure: load.requests },
    // Which of the plan's requests the warm-up takes decides what the measured ones ask for.
    tokens:
      load.requests !== null && load.warmup === 0
        ? { input: known ? sum.input : null, output: sum.output }
        : { input: null, output: null },
    perRequest: { input: known ? mean(sum.input, sampled) : null, output: mean(sum.output, sampled) },
  };
}

const mean = (total: number, count: number): number => (count === 0 ? 0 : total / count);

/** What happens one after the other, one sentence each. */
export function planPhases({ load, workload, run, slo, gates }: Scenario): PlanPhase[] {
  const phases: PlanPhase[] = [];
  const rate = load.rate ?? load.stages?.[0]!.from ?? null;
  const rateText = rate === null ? null : formatRate(rate);
  if (run.probe) {
    const tokens = workload.prompts === null ? ', and how many tokens a word is' : '';
    phases.push({ name: 'probe', text: `A few requests learn which fields this endpoint takes${tokens}.` });
  }
  if (load.warmup > 0) {
    const text = stream(formatDuration(load.warmup), load, rateText);
    phases.push({ name: 'warm-up', text: `${text}; they are not judged.` });
  }
  const length = load.requests === null ? formatDuration(load.duration!) : count(load.requests, 'request');
  const good =
    slo.length === 0
      ? 'every success is good'
      : `good are those with ${slo.map(({ text }) => text).join(' and ')}`;
  const verdict =
    gates.length === 0
      ? 'no gate decides'
      : `${count(gates.length, 'gate')} ${gates.length === 1 ? 'decides' : 'decide'}`;
  const { stages } = load;
  const rates = stages === null ? rateText : `the rates of ${count(stages.length, 'stage')}`;
  phases.push({ name: 'measure', text: `${stream(length, load, rates)}; ${good}, and ${verdict}.` });
  for (const [at, stage] of (stages ?? []).entries()) {
    const expected = requestsOf(stage);
    const text = `${formatStage(stage.from, stage.to, formatDuration(stage.for))}: ${expected < 10 ? Number(expected.toFixed(2)) : number(expected)} requests are expected.`;
    phases.push({ name: `stage ${at + 1}`, text });
  }
  const drain =
    load.drain === 0
      ? 'Requests still in flight are cut at once.'
      : `Nothing new is sent; requests in flight are followed for up to ${formatDuration(load.drain)}, then cut.`;
  phases.push({ name: 'drain', text: drain });
  return phases;
}

/** `length`: a duration, or a number of requests. `rate`: in words, `null` in closed loop. */
function stream(length: string, load: Scenario['load'], rate: string | null): string {
  const { concurrency, arrivals, burstiness, maxConcurrency } = load;
  const requests = length.includes('request') ? length : `${length} of requests`;
  if (rate === null) return `${requests}, ${concurrency} in flight at any time, each followed by the next`;
  const cap = maxConcurrency === null ? '' : `, at most ${maxConcurrency} in flight`;
  // The coefficient of variation of the gaps is what the number means: 1/√k.
  const how =
    burstiness === null
      ? arrivals
      : `${arrivals}, gaps of CV ${Number((1 / Math.sqrt(burstiness)).toPrecision(3))}`;
  return `${requests} at ${rate} (${how}), started whether or not earlier ones have ended${cap}`;
}

function planText({ scenario, values }: Resolved, size: PlanSize, workers: number): string {
  const phases = planPhases(scenario);
  const where = scenario.endpoint.simulated
    ? 'the embedded simulated endpoint'
    : values.find(({ path }) => path === 'endpoint.url')!.shown;
  return [
    `Plan of ${scenario.name}, against ${clean(where)}. Nothing was sent.`,
    '',
    'Phases',
    ...columns(phases.map(({ name, text }) => [name, text])),
    '',
    'Size',
    ...columns([
      ['requests', requestsText(size)],
      ['tokens', tokensText(size, scenario.workload)],
      ...(scenario.run.workers === 'auto' ? [['workers', `${workers} on this machine`]] : []),
    ]),
    '',
    'Values',
    ...columns(values.map((value) => [clean(value.path), clean(value.shown), sourceText(value)])),
    '',
  ].join('\n');
}

const sourceText = ({ source, from }: ResolvedValue): string =>
  from === null ? source : `${source} ${from}`;

function requestsText({ requests: { warmup, measure } }: PlanSize): string {
  if (measure === null) return 'as many as the endpoint serves in that time (closed loop)';
  if (warmup === null) return `${number(measure)} measured, after as many as the warm-up takes (closed loop)`;
  const all = count(warmup + measure, 'request');
  return warmup === 0
    ? `${all}, all measured`
    : `${all}: ${number(warmup)} warm-up, ${number(measure)} measured`;
}

function tokensText({ tokens, perRequest }: PlanSize, { input, output }: Scenario['workload']): string {
  const parts = [
    part('in', tokens.input, perRequest.input, input),
    part('out', tokens.output, perRequest.output, output),
  ];
  return parts.join('; ');
}

function part(way: 'in' | 'out', total: number | null, mean: number | null, length: Length): string {
  if (mean === null) return `${way} as the prompt file has them`;
  const each = `${length.distribution === 'constant' && Number.isInteger(mean) ? '' : 'about '}${number(mean)} a request`;
  return total === null ? `${each} ${way}` : `${number(total)} ${way}, ${each}`;
}

function planJson({ scenario, values, echo }: Resolved, size: PlanSize, workers: number): string {
  return renderJson({
    schemaVersion: 1,
    scenario: echo,
    values,
    phases: planPhases(scenario),
    ...size,
    workers,
  });
}

/** Left-aligned columns, indented; the last is as long as it is. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows.map(
    (row) =>
      `  ${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at]!))).join('  ')}`,
  );
}

const number = (value: number): string => Math.round(value).toLocaleString('en-US');
const count = (value: number, noun: string): string => `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
