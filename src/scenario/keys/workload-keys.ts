import { z } from 'zod';
import { dataSchema, sessionsSchema } from './data-keys.ts';
import { count, text, toggle } from './fields.ts';
import { length } from './length-key.ts';

/** The section `workload`. */
export const workloadSchema = z
  .strictObject(
    {
      input: length(
        'Length of the input, in tokens. Its text is synthetic and unique from its first words on.',
        ['workload.prompts', 'workload.data', 'workload.sessions'],
      ).prefault({ tokens: 512 }),
      output: length('Requested output tokens, sent as `max_tokens`.').prefault({ tokens: 128 }),
      exactOutput: toggle(
        'Request answers of exactly that length with `ignore_eos: true` and `min_tokens` equal to the limit (vLLM, SGLang, TensorRT-LLM; llama.cpp supports only the former). A field that the server rejects is no longer sent, and the report says so.',
      ).prefault(false),
      prefix: z
        .strictObject(
          {
            tokens: count('Number of shared tokens at the beginning.', { min: 1 }),
            groups: count('Number of groups of requests.', { min: 1 }).prefault(1),
          },
          { error: 'a map like { tokens: 1000, groups: 10 }' },
        )
        .meta({
          description:
            'A common beginning of the requests of one group, for prefix caches. It counts towards the input’s length. With `sessions` it is a system prompt.',
        })
        .optional(),
      sessions: sessionsSchema.optional(),
      data: dataSchema.optional(),
      prompts: text(
        'A JSONL file of prompts instead of synthetic input, relative to the scenario file: a data set in the format `goodput`.',
        {
          type: 'path',
          expected: 'the path of a JSONL file',
          examples: ['prompts.jsonl'],
        },
      ).optional(),
    },
    { error: 'a map with input and output, sessions or data' },
  )
  .meta({ description: 'The requests that are sent.' });
