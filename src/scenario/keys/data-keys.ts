import { z } from 'zod';
import { columnKeysProblem } from '../../dataset/formats/custom.ts';
import { FORMAT_NAMES } from '../../dataset/formats/format.ts';
import { durationLaw } from './duration-law-key.ts';
import { count, field, oneOf, toggle } from './fields.ts';
import { length } from './length-key.ts';
import type { Checked } from './problem.ts';

const FILE_EXPECTED = 'the path of a data set, or a list of paths and patterns';

function readFiles(input: unknown): Checked<string[]> {
  const words: readonly unknown[] = Array.isArray(input) ? input : [input];
  const isPath = (word: unknown): word is string => typeof word === 'string' && word.trim() !== '';
  return words.length > 0 && words.every(isPath)
    ? { ok: true, value: [...words] }
    : { ok: false, problem: { expected: FILE_EXPECTED } };
}

function readColumns(input: unknown): Checked<Record<string, string>> {
  const expected = 'a map of keys and names of columns, like { prompt: question, output_tokens: n }';
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return { ok: false, problem: { expected } };
  const entries = Object.entries(input).map(([key, column]) => [key, String(column ?? '')] as const);
  const wrong = columnKeysProblem(entries.map(([key]) => key));
  if (wrong !== null) return { ok: false, problem: { wrong, expected } };
  if (entries.some(([, column]) => column === '')) return { ok: false, problem: { expected } };
  return { ok: true, value: Object.fromEntries(entries) };
}

const following = {
  onError: oneOf(
    ['end', 'continue'],
    'After a turn that failed: `end` the session, or `continue` with its next turn.',
  ).prefault('end'),
};

const dataMap = z.strictObject(
  {
    file: field(readFiles, {
      type: 'path or list of paths',
      description:
        'Data sets: JSON Lines, JSON, CSV or Parquet, also compressed, in any of the [formats](data.md). Paths and patterns are relative to the scenario file; `-` is stdin.',
      json: {
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'array', items: { type: 'string' }, minItems: 1 },
        ],
      },
      examples: ['sharegpt.json', ['part-1.jsonl', 'part-2.jsonl']],
    }),
    format: oneOf(FORMAT_NAMES, 'The format of the records. Default: recognised by the first record.', {
      examples: ['sharegpt'],
    }).optional(),
    columns: field(readColumns, {
      type: 'map of texts',
      description: 'Names of columns, for any other table: the format `custom`.',
      json: { type: 'object', additionalProperties: { type: 'string' } },
      examples: [{ prompt: 'question', output_tokens: 'n' }],
    }).optional(),
    timeUnit: oneOf(['ms', 's'], 'Unit of the times in `mooncake` and `aiperf` files. Default: ms.', {
      examples: ['s'],
    }).optional(),
    blockTokens: count(
      'Tokens of a block of `hash_ids`. Default: 512, or 16 in traces with `chat_id`.',
      {
        min: 1,
        max: 1_000_000,
      },
      { examples: [16] },
    ).optional(),
    failed: toggle(
      'Also send the requests that failed where the trace was recorded (0 output tokens).',
    ).prefault(false),
    order: oneOf(
      ['shuffle', 'file'],
      'Order of the sessions: shuffled by the seed, differently in each pass through the data, or as in the file. With `arrivals: trace` the order is that of the instants.',
    ).prefault('shuffle'),
    take: count(
      'Number of sessions to use: the first of the file, or a seeded sample with `order: shuffle`. Default: all.',
      {
        min: 1,
      },
      { examples: [1000] },
    ).optional(),
    replacement: toggle(
      'Draw every session at random from all, so that some repeat before others were used.',
    ).prefault(false),
    cycle: toggle(
      'Start again at the end of the data. With `false` the run ends with the data, as by default with `arrivals: trace`.',
    ).optional(),
    history: oneOf(
      ['actual', 'recorded', 'none'],
      'The earlier answers that each turn repeats: `actual` (those of this server), `recorded` (those of the data) or `none` (each turn alone).',
    ).prefault('actual'),
    think: durationLaw(
      'Time between an answer and the next turn, where the data has none. Default: 0.',
    ).optional(),
    ...following,
  },
  { error: 'the path of a data set, or a map with file' },
);

export const dataSchema = z
  .union(
    [
      z
        .string()
        .min(1)
        .transform((file) => dataMap.parse({ file })),
      dataMap,
    ],
    {
      error: 'the path of a data set, or a map with file',
    },
  )
  .meta({
    description:
      'Sessions of data sets instead of synthetic input: prompts, conversations or traces. `data: FILE` is short for `data: { file: FILE }`.',
  });

export const sessionsSchema = z
  .strictObject(
    {
      turns: length('Number of turns of a session.').prefault(1),
      think: durationLaw('Time between an answer and the next turn.').prefault(0),
      history: oneOf(
        ['actual', 'none'],
        'History that each turn repeats: the `actual` conversation so far, or `none` of it.',
      ).prefault('actual'),
      first: length('Length of the first message of the user, in tokens.').prefault(512),
      next: length('Length of each later message of the user, in tokens.').prefault(128),
      ...following,
    },
    { error: 'a map like { turns: 5, think: 10s, first: 400, next: 100 }' },
  )
  .meta({
    description:
      'Synthetic conversations instead of single requests. `workload.prefix` is then a system prompt that the sessions of a group share.',
  });
