import { type Fields, missing } from './fields.ts';
import { type Format, microseconds } from './format.ts';
import { lengthTurn } from './length-turn.ts';

const COLUMNS = ['Timestamp', 'Request tokens', 'Response tokens'];

const hasAll = (record: Fields): boolean => COLUMNS.every((column) => record.has(column));

/** BurstGPT's traces, with and without sessions. */
export const burstgpt: Format = {
  name: 'burstgpt',
  keys: [...COLUMNS, 'Model', 'Log Type', 'Session ID', 'Elapsed time'],
  recognises: hasAll,
  fits: hasAll,
  needs: COLUMNS.map((column) => `"${column}"`).join(', '),
  read(record, { clock, memory }) {
    const start = record.number('Timestamp') ?? missing('Timestamp');
    const elapsed = record.duration('Elapsed time');
    const session = record.id('Session ID');
    const previousEnd = session === null ? undefined : memory.get(session);
    if (session !== null) memory.set(session, elapsed === null ? NaN : start + elapsed);
    const turn = lengthTurn({
      input_tokens: record.needLength('Request tokens'),
      output_tokens: record.needLength('Response tokens'),
      // The end of the previous answer is unknown if its row has no elapsed time.
      delay_ms:
        previousEnd === undefined || Number.isNaN(previousEnd)
          ? null
          : microseconds(Math.max(0, start - previousEnd) * 1000),
      tags: record.textTags({ model: 'Model', log_type: 'Log Type' }),
    });
    const timestamp_ms = clock.since(start * 1000);
    return { session: { session, timestamp_ms, tags: {}, turns: [turn] }, isRow: true };
  },
};
