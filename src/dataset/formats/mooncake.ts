import { RecordError } from '../model/record-error.ts';
import { EMPTY_TURN } from '../model/session.ts';
import { type Fields } from './fields.ts';
import { type Format, microseconds } from './format.ts';
import { lengthTurn } from './length-turn.ts';

const fits = (record: Fields): boolean =>
  record.has('input_length') || record.has('text_input') || record.has('hash_ids');

/** Traces of Mooncake, also as AIPerf and vLLM extend them. */
export const mooncake: Format = {
  name: 'mooncake',
  keys: ['timestamp', 'input_length', 'output_length', 'hash_ids', 'text_input'],
  recognises: fits,
  fits,
  needs: '"input_length", "text_input" or "hash_ids"',
  read(record, { timeUnit, clock }) {
    if (record.has('chat_id') && timeUnit === null)
      throw new RecordError(
        'a trace with "chat_id" has its times in seconds, and blocks of 16 tokens: give the time unit (--time-unit s; in a scenario workload.data.timeUnit: s)',
      );
    const scale = timeUnit === 's' ? 1000 : 1;
    const timestamp = record.number('timestamp');
    const delay = record.duration('delay');
    const text = record.text('text_input');
    const shared = {
      output_tokens: record.length('output_length'),
      delay_ms: delay === null ? null : microseconds(delay * scale),
      body: record.bodyOf('extra'),
      tags: record.textTags({ model: 'model', language: 'language' }),
    };
    const turn =
      text === null
        ? lengthTurn({
            ...shared,
            input_tokens: record.needLength('input_length'),
            hash_ids: record.hashIds('hash_ids'),
          })
        : { ...EMPTY_TURN, ...shared, messages: [{ role: 'user', content: text }] };
    return {
      session: {
        session: record.id('session_id'),
        timestamp_ms: timestamp === null ? null : clock.since(timestamp * scale),
        tags: {},
        turns: [turn],
      },
      isRow: true,
    };
  },
};
