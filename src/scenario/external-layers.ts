import { presetLimits } from '../slo/slo-presets.ts';
import { didYouMean, type Result } from '../errors.ts';
import { parseCount } from '../units.ts';
import { DEFAULT_CURRENCY } from '../machine/price.ts';
import { splitFlag } from '../machine/flags.ts';
import { keyAt } from './keys/keys.ts';
import { splitLaws } from './keys/law.ts';
import {
  CACHE_VARIABLE,
  KEY_VARIABLE,
  MEET_TOKEN_VARIABLE,
  RANKS_VARIABLE,
  RUN_OPTIONS,
} from './keys/option-table.ts';
import type { Flags, RunOption } from './keys/option-table.ts';
import type { Problem } from './keys/problem.ts';
import type { Source } from './keys/scenario.ts';
import { AXES, type SweepAxis } from './keys/sweep-keys.ts';

/** One key set by a flag or an environment variable. */
export interface Assignment {
  path: readonly string[];
  /** The value as it would be written in the file. */
  written: unknown;
  source: Source;
  /** The flag or variable. */
  from: string;
}

/** Everything that one source sets. A later layer overrides an earlier one. */
export interface Layer {
  assignments: readonly Assignment[];
  problems: readonly { from: string; problem: Problem }[];
}

interface LayerOptions {
  /** If true, a list of rates, counts or lengths becomes an axis of the sweep; otherwise the list is assigned to the key itself. */
  axes: boolean;
}

export function flagLayer(flags: Flags, options: LayerOptions): Layer {
  const given = RUN_OPTIONS.flatMap((option): Given[] => {
    const value = flags[option.name];
    return value === undefined ? [] : [{ option, value, from: `--${option.name}` }];
  });
  return layer('flag', given, options);
}

export function environmentLayer(
  env: Readonly<Record<string, string | undefined>>,
  options: LayerOptions,
): Layer {
  const given = RUN_OPTIONS.flatMap((option): Given[] => {
    const text = option.env === null ? undefined : env[option.env];
    if (option.env === null || text === undefined || text.trim() === '') return [];
    if (option.value === null) return isOff(text) ? [] : [{ option, value: true, from: option.env }];
    const value = option.repeatable ? text.split('\n').filter((line) => line.trim() !== '') : text;
    return [{ option, value, from: option.env }];
  });
  const result = layer('environment', given, options);
  if ((env[KEY_VARIABLE] ?? '') === '') return result;
  return {
    ...result,
    assignments: [...result.assignments, keyFrom(KEY_VARIABLE, 'environment', KEY_VARIABLE)],
  };
}

/** Returns an assignment of the API key as a reference, so that its value is in no tree that is shown. */
export const keyFrom = (variable: string, source: Source, from: string): Assignment => ({
  path: ['endpoint', 'apiKey'],
  written: `\${${variable}}`,
  source,
  from,
});

/** Returns a warning for each `GOODPUT_*` variable that goodput does not read: probably a typo. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known: string[] = [
    KEY_VARIABLE,
    CACHE_VARIABLE,
    RANKS_VARIABLE,
    MEET_TOKEN_VARIABLE,
    ...RUN_OPTIONS.flatMap((option) => option.env ?? []),
  ];
  return Object.keys(env)
    .filter((name) => name.startsWith('GOODPUT_') && !known.includes(name))
    .map((name) => {
      const meant = didYouMean(name, known);
      return `unknown environment variable ${name}${meant === null ? '' : `; did you mean ${meant}?`}`;
    });
}

const isOff = (text: string): boolean => ['0', 'false', 'no', 'off'].includes(text.trim().toLowerCase());

interface Given {
  option: RunOption;
  value: string | readonly string[] | true;
  from: string;
}

function layer(source: Source, given: readonly Given[], { axes }: LayerOptions): Layer {
  const assignments: Assignment[] = [];
  const problems: { from: string; problem: Problem }[] = [];
  for (const { option, value, from } of given) {
    if (option.path === null) continue;
    const path = option.path.split('.');
    const texts = value === true ? [] : typeof value === 'string' ? [value] : value;
    const set = (below: readonly string[], written: unknown) =>
      assignments.push({ path: [...path, ...below], written, source, from });
    switch (option.name) {
      case 'url':
        set([], texts[0] ?? '');
        if (texts.length > 1)
          assignments.push({ path: ['endpoint', 'replicas'], written: texts.slice(1), source, from });
        break;
      case 'header':
        for (const text of texts) {
          const [, name, content] = /^\s*([^:=]+?)\s*[:=]\s*(.*?)\s*$/s.exec(text) ?? [];
          if (name === undefined)
            problems.push({
              from,
              problem: { wrong: 'invalid header', expected: '"Name: value" or name=value' },
            });
          else set([name.toLowerCase()], content);
        }
        break;
      case 'body':
        for (const text of texts) {
          const entries = bodyEntries(text);
          if (entries === null)
            problems.push({
              from,
              problem: { wrong: 'invalid body field', expected: 'key=value or a JSON object' },
            });
          else for (const [key, written] of entries) set([key], written);
        }
        break;
      case 'engine':
        for (const text of texts) {
          const entries = text.trimStart().startsWith('{') ? null : bodyEntries(text);
          if (entries === null)
            problems.push({
              from,
              problem: { wrong: 'invalid engine setting', expected: 'key=value, like maxNumSeqs=64' },
            });
          else for (const [key, written] of entries) set([key], written);
        }
        break;
      case 'api-key-env':
        if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(texts[0] ?? ''))
          assignments.push(keyFrom(texts[0]!, source, from));
        else
          problems.push({
            from,
            problem: {
              wrong: 'invalid variable name',
              expected: 'the NAME of an environment variable that holds the key, never the key itself',
            },
          });
        break;
      case 'slo': {
        // With a preset, its limits override those of the preset; the two are one declaration.
        const preset = given.find(({ option }) => option.name === 'slo-preset');
        if (preset === undefined) set([], texts.join(','));
        else
          assignments.push({
            path,
            written: [preset.value, ...texts].join(','),
            source,
            from: `${preset.from}, ${from}`,
          });
        break;
      }
      case 'slo-preset': {
        const name = (texts.at(-1) ?? '').trim();
        const limits = presetLimits(name);
        if (!limits.ok) problems.push({ from, problem: { wrong: limits.problem } });
        else if (!given.some(({ option }) => option.name === 'slo')) set([], name);
        break;
      }
      case 'data':
        set([], texts.length === 1 ? texts[0] : [...texts]);
        break;
      case 'resolve':
      case 'telemetry':
      case 'gate':
      case 'fault':
        set([], [...texts]);
        break;
      case 'hardware':
      case 'model-config':
      case 'price': {
        // The flag replaces the section of the file: another machine has another price.
        const { section, head, fixed } = SECTION_FLAGS[option.name];
        const entries = sectionEntries(texts.at(-1) ?? '', head);
        if (!entries.ok) problems.push({ from, problem: { wrong: entries.problem, quotes: true } });
        else {
          const map = entries.value.map(
            ([key, text]) => [key, valueFrom(`${section}.${key}`, text)] as const,
          );
          assignments.push({
            path: [section],
            written: { ...fixed, ...Object.fromEntries(map) },
            source,
            from,
          });
        }
        break;
      }
      case 'no-probe':
        set([], false);
        break;
      case 'rate':
      case 'concurrency':
      case 'input-tokens':
      case 'output-tokens': {
        const axis = axisOf(option.path);
        const { path: own } = option;
        const elements = elementsOf(axis, texts.at(-1) ?? '');
        const split = axis === 'rate' ? null : splitNumber(elements);
        if (split !== null) problems.push({ from, problem: split });
        const list = elements.map((each) => valueFrom(own, each));
        if (list.length === 1) set([], list[0]);
        else if (axes) assignments.push({ path: ['sweep', axis], written: list, source, from });
        else set([], list);
        break;
      }
      default:
        set([], value === true ? true : valueFrom(option.path, texts.at(-1) ?? ''));
    }
  }
  return { assignments, problems };
}

/** The section that a flag sets, the keys of its first value, which colons separate, and values that it has unless given. */
const SECTION_FLAGS = {
  hardware: { section: 'hardware', head: ['accelerator', 'count'], fixed: {} },
  'model-config': { section: 'model', head: ['config'], fixed: {} },
  price: { section: 'price', head: [], fixed: { currency: DEFAULT_CURRENCY } },
} as const;

/** Returns the keys of a section in a flag: `h100-sxm:4,pricePerHour=2.49`. */
function sectionEntries(text: string, head: readonly string[]): Result<[string, string][]> {
  const items = splitFlag(text, { withHead: head.length > 0 });
  if (!items.ok) return items;
  const [item, other] = items.value;
  const extra = head.length === 0 ? item!.head : (other?.head ?? null);
  if (extra !== null) return { ok: false, problem: `${JSON.stringify(extra)} is not a key=value` };
  const words = head.length > 1 ? item!.head!.split(':') : head.length > 0 ? [item!.head!] : [];
  if (words.length > head.length)
    return { ok: false, problem: `${JSON.stringify(item!.head)} is not ${head.join(':')}` };
  return {
    ok: true,
    value: [...words.map((word, k): [string, string] => [head[k]!, word]), ...Object.entries(item!.keys)],
  };
}

/** Returns the sweep axis that sets a key. */
const axisOf = (key: string): SweepAxis =>
  (Object.keys(AXES) as SweepAxis[]).find((axis) => AXES[axis] === key)!;

/** Returns the comma-separated values of a flag. */
const elementsOf = (axis: SweepAxis, text: string): string[] =>
  axis === 'input' || axis === 'output' ? splitLaws(text) : text.split(',').map((each) => each.trim());

/** Returns a problem if a list contains a number with a thousands separator: `1,024` would be read as 1 and 24. */
function splitNumber(elements: readonly string[]): Problem | null {
  const at = elements.findIndex((each, k) => /^0\d\d$/.test(each) && /^\d{1,3}$/.test(elements[k - 1] ?? ''));
  if (at === -1) return null;
  const [head, tail] = [elements[at - 1]!, elements[at]!];
  return { wrong: `got "${head},${tail}"`, expected: 'numbers without separators', meant: head + tail };
}

/** Returns a number for keys that hold one, so that run.json has a number; otherwise the text as written. */
function valueFrom(path: string, text: string): unknown {
  const isNumber = ['count', 'count or auto', 'number', 'length'].includes(keyAt(path)?.info?.type ?? '');
  const parsed = isNumber ? parseCount(text) : null;
  return parsed?.ok === true ? parsed.value : text;
}

function bodyEntries(text: string): [string, unknown][] | null {
  if (text.trimStart().startsWith('{')) {
    const object = parsedJson(text);
    return typeof object === 'object' && object !== null ? Object.entries(object) : null;
  }
  const at = text.indexOf('=');
  if (at < 1) return null;
  const value = text.slice(at + 1).trim();
  const parsed = parsedJson(value);
  return [[text.slice(0, at).trim(), parsed === undefined ? value : parsed]];
}

/** Returns `undefined` if the text is not JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
