import { z } from 'zod';
import { METRICS } from '../../metrics/registry.ts';
import { missingLimits, parseGate, parseSlo, parseSloEntry, withPreset } from '../../slo/grammar.ts';
import type { Gate, RequestSlo } from '../../slo/grammar.ts';
import { presetLimits, SLO_PRESET_NAMES } from '../../slo/slo-presets.ts';
import { keyInfo } from './fields.ts';
import type { Path, Problem } from './problem.ts';

const SLO_METRICS = METRICS.filter((metric) => metric.kind === 'request' && metric.better !== null);

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
          description: 'Published limits by their name; limits beside it take the place of its own.',
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
    'Limits that every request is judged by. A request that meets all of them is good: good requests make attainment and goodput. `preset` takes published limits, which bring their authors’ gates where there are none.',
  examples: [{ ttft: '200ms', tpot: '100ms' }],
});

/** `gates`: conditions on the whole run, a list of texts. */
export const gatesSchema = conditions<Gate>(readGates, 'list of texts', {
  anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }],
  description:
    'Conditions on the whole run, which decide between pass and fail. With `with 95% confidence` at its end a condition is judged by the interval of its figure.',
  examples: [['attainment >= 90%', 'ttft p99 <= 400ms', 'error_rate <= 1%']],
});

/** A schema of several values that are read together, and whose mistakes have their places. */
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
    for (const { message, offset } of reading.mistakes)
      report([], input, { wrong: message, quotes: true, offset });
    return [];
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    report([], input, { expected: SLO_EXPECTED });
    return [];
  }
  const slos: RequestSlo[] = [];
  const { preset = null, ...entries }: Readonly<Record<string, unknown>> = { ...input };
  const before = Object.entries(entries).filter(([, limit]) => limit !== null);
  for (const [name, limit] of before) {
    const reading = parseSloEntry(name, limit);
    if (reading.ok) slos.push(reading.value);
    else {
      for (const { message, offset, part } of reading.mistakes) {
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
  const lacking = slos.length === before.length ? missingLimits(all) : null;
  if (lacking !== null) report([], input, { wrong: lacking });
  return all;
}

function ofPreset(preset: unknown, declared: readonly RequestSlo[], report: Report): RequestSlo[] {
  const limits =
    typeof preset === 'string'
      ? presetLimits(preset)
      : { ok: false as const, message: 'no name of a preset' };
  if (limits.ok) return withPreset(String(preset), declared);
  report(['preset'], preset, { wrong: limits.message, quotes: true });
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
    for (const { message, offset } of reading.mistakes)
      report(path, text, { wrong: message, quotes: true, offset });
    return [];
  });
}
