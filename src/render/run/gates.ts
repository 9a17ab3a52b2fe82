import { parseGate } from '../../slo/grammar.ts';
import type { GateResult } from '../../verdict/gate.ts';
import type { Verdict } from '../../verdict/judge.ts';
import { clean, sentence } from '../layout/clean.ts';
import { duration, rounded, share, significant } from '../../numbers.ts';
import { columns, hanging } from '../layout/layout.ts';
import { displayWidth, truncate } from '../layout/wrap.ts';
import type { Page } from '../layout/style.ts';
import { perEvent } from '../layout/per-event.ts';

const INDENT = '  ';
const REASON_INDENT = ' '.repeat(6);
/** Columns taken by the indent and by two spaces between four columns. */
const GAPS = 8;

/** Returns each gate with its value, and why that is uncertain or missing. */
export function gates({ gates: results }: Verdict, page: Page): string[] {
  if (results.length === 0) return [];
  const parts = results.map((gate) => partsOf(gate, page));
  const taken = (['mark', 'value', 'doubt'] as const).map((key) =>
    Math.max(...parts.map((part) => displayWidth(part[key]))),
  );
  const room = taken.reduce((left, width) => left - width, page.width - GAPS);
  const rows = parts.map(({ mark, text, value, doubt }) => {
    return [mark, truncate(text, room, page.signs.ellipsis), value, doubt];
  });
  const lines: string[] = [];
  for (const [i, line] of columns(rows, ['left', 'left', 'right', 'left']).entries()) {
    lines.push(INDENT + line);
    const reason = parts[i]?.reason;
    if (reason !== undefined) lines.push(...hanging(REASON_INDENT, reason, page).map(page.ink.faint));
  }
  return lines;
}

/** Returns the texts of a gate: one per column, and the reason below them. */
function partsOf(gate: GateResult, { ink, signs, unicode }: Page) {
  return {
    mark: gate.pass ? ink.good(`${signs.pass}pass`) : ink.bad(`${signs.fail}FAIL`),
    text: clean(gate.gate),
    value: valueOf(gate),
    doubt: ink.warn(gate.inconclusive === true ? 'inconclusive' : gate.uncertain === true ? 'uncertain' : ''),
    reason: sentence(reasonOf(gate), unicode),
  };
}

/** Returns a gate's value, its interval if the gate has a confidence, and why the value is uncertain or missing. */
export const judgedBy = (gate: GateResult): string =>
  [valueOf(gate), reasonOf(gate)].filter((text) => text !== '').join('; ');

export function valueOf(gate: GateResult): string {
  if (gate.value === null) return 'no value';
  // If the interval decides, its ends must not appear on the wrong side of the limit.
  const text =
    gate.confidence === undefined
      ? besideLimit(gate.value, gate, gate.pass)
      : inUnit(gate.value, gate.unit, 3);
  return text + perEvent(gate);
}

/** Returns the interval and the reason of a gate; empty if it has neither. */
export const reasonOf = (gate: GateResult): string =>
  [intervalOf(gate), gate.reason ?? ''].filter((text) => text !== '').join('; ');

function intervalOf(gate: GateResult): string {
  const { confidence, low = null, high = null } = gate;
  if (confidence === undefined || (low === null && high === null)) return '';
  const condition = parseGate(gate.gate);
  const end = (bound: number): string => {
    if (!condition.ok) return inUnit(bound, gate.unit, 3);
    const { op, value: limit } = condition.value;
    const slack = 1e-12 * Math.abs(limit);
    return besideLimit(bound, gate, op === '<=' ? bound <= limit + slack : bound >= limit - slack);
  };
  const name = `${share(confidence)} interval`;
  if (low === null) return `${name} up to ${end(high!)}`;
  return high === null ? `${name} from ${end(low)}` : `${name} ${end(low)} to ${end(high)}`;
}

const MOST_DIGITS = 15;

/** Returns a value with enough digits to appear on its side of the limit: 89.97% that fails `>= 90%` must not read 90%. */
function besideLimit(exact: number, { gate, unit }: GateResult, isMet: boolean): string {
  const condition = parseGate(gate);
  let text = inUnit(exact, unit, 3);
  if (!condition.ok) return text;
  const { op, value: limit } = condition.value;
  const passes = (shown: number): boolean => (op === '<=' ? shown <= limit : shown >= limit);
  for (let digits = 4; digits <= MOST_DIGITS && passes(shownValue(text)) !== isMet; digits++) {
    text = inUnit(exact, unit, digits);
  }
  return text;
}

function inUnit(exact: number, unit: string, digits: number): string {
  switch (unit) {
    case 'ms':
      return duration(exact, digits);
    case 'ratio':
      return share(exact, digits);
    case 'requests':
      return significant(exact, digits);
    default:
      return `${significant(exact, digits)} ${unit}`;
  }
}

/** Returns the number that a shown text states, in the metric's unit. */
function shownValue(text: string): number {
  const number = Number.parseFloat(text.replaceAll(',', ''));
  const scale = text.endsWith(' s') ? 1000 : text.endsWith('%') ? 0.01 : 1;
  return rounded(number * scale, 12);
}
