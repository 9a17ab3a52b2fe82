import { z } from 'zod';
import { SLO_METRICS } from '../../metrics/registry.ts';
import { missingLimits, parseGate, parseSlo, parseSloEntry, withPreset } from '../../slo/grammar.ts';
import type { Gate, RequestSlo } from '../../slo/grammar.ts';
import { presetLimits, SLO_PRESET_NAMES } from '../../slo/slo-presets.ts';
import { keyInfo } from './fields.ts';
import type { Path, Problem } from './problem.ts';

const SLO_EXPECTED =
  'a map like { ttft: 200ms, tpot: 100ms } or { preset: mlperf/llama3.1-8b/interactive }, or a text like "ttft <= 200ms, tpot <= 100ms"';
const GATES_EXPECTED = 'a list of conditions, like [attainment >= 90%, ttft p99 <= 400ms]';

export type Report = (path: Path, input: unknown, problem: Problem) => void;

/** `slo`: a map of limits, or the text that `--slo` takes. */
export const sloSchema = conditions<RequestSlo>(readSlos, 'map or text', {
  anyOf: [
    {
      type: 'object',
      properties: {
        preset: {
          description: 'Published limits, by name. Limits given with it override its own.',
          enum: [...SLO_PRESET_NAMES],
        },
        ...Object.fromEntries(
          SLO_METRICS.map(({ name, label, unit }) => [
            name,
            {
              description: `${label}: the limit in ${unit}.`,
              type: unit === 'ms' ? 'string' : ['string', 'number'],
            },
          ]),
        ),
      },
      additionalProperties: false,
    },
    { type: 'string' },
  ],
  description:
    'Limits for every request. A request that meets all of them is good; attainment and goodput count the good ones. `preset` takes published limits, with their authors’ gates unless `gates` is set.',
  examples: [{ ttft: '200ms', tpot: '100ms' }],
});

/** `gates`: conditions on the whole run, a list of texts. */
export const gatesSchema = conditions<Gate>(readGates, 'list of texts', {
  anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }],
  description:
    'Conditions on the whole run: it passes if all of them hold. `ttft p95 by turn=1 <= 300ms` is about one group of its requests. A condition that ends `with 95% confidence` is judged by the confidence interval of its figure.',
  examples: [['attainment >= 90%', 'ttft p99 <= 400ms', 'error_rate <= 1%']],
});

/** Returns a schema for several values that are read together, each mistake with its location. */
export function conditions<T>(
  read: (input: unknown, report: Report) => T[],
  type: string,
  json: Readonly<Record<string, unknown>>,
) {
  return z
    .unknown()
    .transform((input, context): T[] => {
      const before = context.issues.length;
      const result = read(input, (path, input, problem) =>
        context.issues.push({ code: 'custom', input, path: [...path], params: { ...problem } }),
      );
      return context.issues.length > before ? z.NEVER : result;
    })
    .meta(json)
    .register(keyInfo, { type });
}

function readSlos(input: unknown, report: Report): RequestSlo[] {
  if (typeof input === 'string') {
    const reading = parseSlo(input);
    if (reading.ok) return reading.value;
    for (const { message, offset } of reading.problem)
      report([], input, { wrong: message, quotes: true, offset });
    return [];
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    report([], input, { expected: SLO_EXPECTED });
    return [];
  }
  const slos: RequestSlo[] = [];
  const { preset = null, ...entries }: Readonly<Record<string, unknown>> = { ...input };
  const given = Object.entries(entries).filter(([, limit]) => limit !== null);
  for (const [name, limit] of given) {
    const reading = parseSloEntry(name, limit);
    if (reading.ok) slos.push(reading.value);
    else {
      for (const { message, offset, part } of reading.problem) {
        report([name], limit, {
          wrong: message,
          quotes: true,
          offset,
          ...(part === 'limit' ? {} : { atKey: true }),
        });
      }
    }
  }
  const all = preset === null ? slos : ofPreset(preset, slos, report);
  const missing = slos.length === given.length ? missingLimits(all) : null;
  if (missing !== null) report([], input, { wrong: missing });
  return all;
}

function ofPreset(preset: unknown, declared: readonly RequestSlo[], report: Report): RequestSlo[] {
  const limits =
    typeof preset === 'string'
      ? presetLimits(preset)
      : { ok: false as const, problem: 'not the name of a preset' };
  if (limits.ok) return withPreset(String(preset), declared);
  report(['preset'], preset, { wrong: limits.problem, quotes: true });
  return [...declared];
}

function readGates(input: unknown, report: Report): Gate[] {
  const single = typeof input === 'string';
  if (!single && !Array.isArray(input)) {
    report([], input, { expected: GATES_EXPECTED });
    return [];
  }
  const texts: readonly unknown[] = single ? [input] : input;
  return texts.flatMap((text, at) => {
    const path = single ? [] : [at];
    if (typeof text !== 'string') {
      report(path, text, { expected: 'a condition as text, like attainment >= 90%' });
      return [];
    }
    const reading = parseGate(text);
    if (reading.ok) return [reading.value];
    for (const { message, offset } of reading.problem)
      report(path, text, { wrong: message, quotes: true, offset });
    return [];
  });
}
