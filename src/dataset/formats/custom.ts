import { RecordError, suggestion } from '../model/record-error.ts';
import { EMPTY_TURN, type Message, type Turn } from '../model/session.ts';
import { type Fields, missing, tagText } from './fields.ts';
import type { FileContext, Format } from './format.ts';
import { lengthTurn } from './length-turn.ts';

/** The keys that a column can be mapped to, besides `tags.NAME`. */
const CUSTOM_KEYS = [
  'prompt',
  'messages',
  'system',
  'input_tokens',
  'output_tokens',
  'session',
  'delay_ms',
  'timestamp_ms',
  'reference',
] as const;

type CustomKey = (typeof CUSTOM_KEYS)[number];

/** Returns what is wrong with the keys of a map of columns; `null`: nothing. */
export function columnKeysProblem(keys: readonly string[]): string | null {
  const unknown = keys.find(
    (key) => !(CUSTOM_KEYS as readonly string[]).includes(key) && !/^tags\../.test(key),
  );
  if (unknown !== undefined)
    return `unknown key ${JSON.stringify(unknown)}${suggestion(unknown, CUSTOM_KEYS)}; expected ${CUSTOM_KEYS.join(', ')} or tags.NAME`;
  return ['prompt', 'messages', 'input_tokens'].some((key) => keys.includes(key))
    ? null
    : 'expected prompt, messages or input_tokens among the keys';
}

/** Any table, with the user's names of its columns. */
export const custom: Format = {
  name: 'custom',
  keys: [],
  recognises: () => false,
  fits: () => true,
  needs: '',
  read(record, context) {
    const columns: Readonly<Partial<Record<string, string>>> = context.columns ?? {};
    const column = (key: CustomKey): string => columns[key] ?? '';
    const timestamp = record.number(column('timestamp_ms'));
    const shared = {
      output_tokens: record.length(column('output_tokens')),
      delay_ms: record.duration(column('delay_ms')),
      reference: record.text(column('reference')) || null,
      tags: tagsOf(record, context),
    };
    const messages = messagesOf(record, columns);
    const turn: Turn =
      messages === null
        ? lengthTurn({ ...shared, input_tokens: record.needLength(column('input_tokens')) })
        : { ...EMPTY_TURN, ...shared, messages };
    return {
      session: {
        session: record.id(column('session')),
        timestamp_ms: timestamp === null ? null : context.clock.since(timestamp),
        tags: {},
        turns: [turn],
      },
      isRow: true,
    };
  },
};

function messagesOf(
  record: Fields,
  columns: Readonly<Partial<Record<string, string>>>,
): readonly Message[] | null {
  const { prompt, messages, system } = columns;
  const given = messages === undefined ? null : record.messages(messages);
  const text = prompt === undefined ? null : record.text(prompt);
  if (given !== null && text !== null)
    throw new RecordError(`both "${messages}" and "${prompt}"; expected one`);
  if (given === null && text === null) {
    const column = prompt ?? messages;
    if (column === undefined) return null;
    // Other columns may be sparse. A record without what is asked would be sent as something else, or not at all.
    if (!record.writing.keepsNullContent)
      missing(
        column,
        Object.keys(record.record).filter((key) => !Object.values(columns).includes(key)),
      );
  }
  const asked = given ?? [{ role: 'user', content: text }];
  const instruction = system === undefined ? null : record.text(system);
  if (instruction === null || instruction === '') return asked;
  return [{ role: 'system', content: instruction }, ...asked];
}

function tagsOf(record: Fields, { columns }: FileContext): Record<string, string> {
  return Object.fromEntries(
    Object.entries(columns ?? {}).flatMap(([key, column]) =>
      key.startsWith('tags.') && record.has(column)
        ? [[key.slice('tags.'.length), tagText(column, record.get(column))] as const]
        : [],
    ),
  );
}
