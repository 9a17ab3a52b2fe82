import { type Fields, wrong } from './fields.ts';
import type { Format } from './format.ts';
import { lengthTurn } from './length-turn.ts';

const COLUMNS = ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens'];
const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?\s?(Z|[+-]\d\d:?\d\d)?$/;

const hasAll = (record: Fields): boolean => COLUMNS.every((column) => record.has(column));

/** Azure's LLM inference traces of 2023 and 2024. */
export const azureLlm: Format = {
  name: 'azure-llm',
  keys: COLUMNS,
  recognises: hasAll,
  fits: hasAll,
  needs: COLUMNS.map((column) => `"${column}"`).join(', '),
  read(record, { clock }) {
    const turn = lengthTurn({
      input_tokens: record.needLength('ContextTokens'),
      output_tokens: record.needLength('GeneratedTokens'),
    });
    const { whole, part } = timeOf(record);
    const timestamp_ms = clock.since(whole, part);
    return { session: { session: null, timestamp_ms, tags: {}, turns: [turn] }, isRow: false };
  },
};

/** Returns a time in milliseconds: whole seconds and their fraction, which together need more digits than a double has. */
function timeOf(record: Fields): { whole: number; part: number } {
  const text = record.needText('TIMESTAMP');
  const [, day, time, fraction = '', zone = 'Z'] = TIME.exec(text.trim()) ?? [];
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const whole = day === undefined ? NaN : Date.parse(`${day}T${time}${offset}`);
  if (Number.isNaN(whole)) wrong('TIMESTAMP', text, 'a time like 2023-11-16 18:15:46.6805900');
  return { whole, part: fraction === '' ? 0 : Number(fraction) * 1000 };
}
