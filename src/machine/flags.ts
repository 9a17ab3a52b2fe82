import type { Result } from '../errors.ts';
import { didYouMean } from '../errors.ts';
import { expectationText, parseSize, parseCount } from '../units.ts';
import type { Precision } from './accelerators.ts';
import type { HardwareSettings } from './hardware.ts';

/** A value of a flag with its keys: `h100-sxm:4,pricePerHour=2.49`. */
export interface FlagItem {
  /** The part before the keys; `null` if the flag begins with a key. */
  head: string | null;
  keys: Readonly<Record<string, string>>;
}

/** Splits `VALUE,key=value,…`: a part without `=` begins the next item. The first part of a flag `withHead` is never a key. */
export function splitFlag(text: string, { withHead }: { withHead: boolean }): Result<FlagItem[]> {
  const items: { head: string | null; keys: Record<string, string> }[] = [];
  for (const [index, part] of text
    .split(',')
    .map((each) => each.trim())
    .entries()) {
    if (part === '') return { ok: false, problem: `an empty part in ${JSON.stringify(text)}` };
    const equals = part.indexOf('=');
    if ((index === 0 && withHead) || equals === -1) {
      items.push({ head: part, keys: {} });
      continue;
    }
    if (items.length === 0) items.push({ head: null, keys: {} });
    const [key, value] = [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
    const { keys } = items.at(-1)!;
    if (key in keys) return { ok: false, problem: `${key} is given twice` };
    keys[key] = value;
  }
  return { ok: true, value: items };
}

type Reading = (text: string) => Result<number | string>;

const numeric: Reading = (text) => {
  const value = text === '' ? NaN : Number(text);
  return Number.isFinite(value) ? { ok: true, value } : { ok: false, problem: 'a number' };
};
const bytes: Reading = (text) => inWords(parseSize(text));
const count: Reading = (text) => inWords(parseCount(text));
const word: Reading = (text) => ({ ok: true, value: text });

const inWords = (parsed: ReturnType<typeof parseSize>): Result<number> =>
  parsed.ok ? parsed : { ok: false, problem: expectationText(parsed.problem) };

const HARDWARE_KEYS = {
  count,
  precision: word,
  memory: bytes,
  pricePerHour: numeric,
  peakFlops: numeric,
  peakBandwidth: numeric,
} as const satisfies Record<string, Reading>;

/** Reads the keys of an item. */
function readKeys(
  keys: Readonly<Record<string, string>>,
  readings: Readonly<Record<string, Reading>>,
): Result<Record<string, number | string>> {
  const values: Record<string, number | string> = {};
  for (const [key, text] of Object.entries(keys)) {
    if (!Object.hasOwn(readings, key)) {
      const meant = didYouMean(key, Object.keys(readings));
      return {
        ok: false,
        problem: `unknown key ${JSON.stringify(key)} (${meant === null ? `the keys are ${Object.keys(readings).join(', ')}` : `did you mean ${JSON.stringify(meant)}?`})`,
      };
    }
    const read = readings[key]!(text);
    if (!read.ok) return { ok: false, problem: `${key}: ${JSON.stringify(text)} is not ${read.problem}` };
    values[key] = read.value;
  }
  return { ok: true, value: values };
}

/** Reads the value of `--hardware`: one device or several, `h100-sxm:4,pricePerHour=2.49,l40s`. */
export function parseHardwareFlag(text: string): Result<HardwareSettings[]> {
  const items = splitFlag(text, { withHead: true });
  if (!items.ok) return items;
  const devices: HardwareSettings[] = [];
  for (const { head, keys } of items.value) {
    const [name, devicesText, ...more] = head!.split(':');
    if (name === '' || more.length > 0) {
      return { ok: false, problem: `${JSON.stringify(head)} is not a device, like h100-sxm or h100-sxm:4` };
    }
    if (devicesText !== undefined && keys['count'] !== undefined)
      return { ok: false, problem: 'count is given twice' };
    const read = readKeys(devicesText === undefined ? keys : { ...keys, count: devicesText }, HARDWARE_KEYS);
    if (!read.ok) return { ok: false, problem: `${name}: ${read.problem}` };
    const values = read.value as Omit<HardwareSettings, 'accelerator'> & { precision?: Precision };
    devices.push({ accelerator: name!, ...values });
  }
  return { ok: true, value: devices };
}
