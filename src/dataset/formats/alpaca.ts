import { EMPTY_TURN } from '../model/session.ts';
import { type Fields } from './fields.ts';
import { type Format } from './format.ts';

const has = (record: Fields, key: string): boolean => Object.hasOwn(record.record, key);

/** Instructions of Stanford Alpaca. */
export const alpaca: Format = {
  name: 'alpaca',
  keys: ['instruction', 'input', 'output'],
  recognises: (first) => first.has('instruction') && first.has('output'),
  // The output of a later record may be null: an empty answer is not an answer.
  fits: (record) => has(record, 'instruction') && has(record, 'output'),
  needs: '"instruction" and "output"',
  read(record) {
    const input = record.text('input') ?? '';
    const instruction = record.needContent('instruction');
    const content = input === '' || instruction === null ? instruction : `${instruction}\n\n${input}`;
    const output = record.text('output') ?? '';
    const turn = {
      ...EMPTY_TURN,
      messages: [{ role: 'user', content }],
      reference: output === '' ? null : output,
      tags: record.textTags({ model: 'model', language: 'language' }),
    };
    return { session: { session: null, timestamp_ms: null, tags: {}, turns: [turn] }, isRow: false };
  },
};
