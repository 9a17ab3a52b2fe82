import { z } from 'zod';
import { decideSchema, failOnSchema, toleranceSchema } from './comparing-keys.ts';
import { gatesSchema, sloSchema } from './conditions.ts';
import { endpointSchema, endpointsSchema, SIMULATED } from './endpoint-keys.ts';
import { amount, count, countOr, duration, oneOf, rate, text, toggle } from './fields.ts';
import { length } from './length-key.ts';
import { simulatorSchema } from './simulator-keys.ts';
import { stagesSchema } from './stages.ts';
import { sweepSchema } from './sweep-keys.ts';

/** A plan is walked before the run starts, in one go: more would keep it from starting, and Ctrl-C from being heard. */
export const MOST_REQUESTS = 20_000_000;

/** A name that is a folder's name everywhere. */
export const isRunName = (name: string): boolean =>
  /^[^\s./\\:*?"<>|\p{Cc}][^/\\:*?"<>|\p{Cc}]{0,99}$/u.test(name);

const workload = z
  .strictObject(
    {
      input: length('Length of the input. Its text is synthetic, and unique from its first words on.', [
        'workload.prompts',
      ]).prefault({ tokens: 512 }),
      output: length('Tokens that are asked for, sent as `max_tokens`.').prefault({ tokens: 128 }),
      exactOutput: toggle(
        'Ask for answers of exactly that length, by `ignore_eos: true` and a `min_tokens` as high as the limit: vLLM, SGLang, TensorRT-LLM; llama.cpp by the former alone. What the server refuses is withdrawn, and said.',
      ).prefault(false),
      prefix: z
        .strictObject(
          {
            tokens: count('How many tokens at the beginning are shared.', { min: 1 }),
            groups: count('Into how many groups the requests fall.', { min: 1 }).prefault(1),
          },
          { error: 'a map like { tokens: 1000, groups: 10 }' },
        )
        .meta({
          description:
            'A beginning that the requests of one group share, for prefix caches. It is part of the input’s length.',
        })
        .optional(),
      prompts: text('A JSONL file of prompts instead of synthetic input, relative to the scenario file.', {
        type: 'path',
        expected: 'the path of a JSONL file',
        examples: ['prompts.jsonl'],
      }).optional(),
    },
    { error: 'a map with input and output, or prompts' },
  )
  .meta({ description: 'What is asked.' });

const load = z
  .strictObject(
    {
      rate: rate('Requests per unit of time, started when the plan says (open loop).', {
        fallback: '2/s',
        unless: ['load.concurrency', 'load.stages'],
      }).optional(),
      stages: stagesSchema.optional(),
      concurrency: count('Requests in flight, each followed by the next (closed loop). Instead of `rate`.', {
        min: 1,
        max: 100_000,
      }).optional(),
      arrivals: oneOf(
        ['constant', 'poisson', 'gamma'],
        'The process behind the planned instants. Only with `rate` or `stages`.',
        { unless: ['load.concurrency'] },
      ).prefault('poisson'),
      burstiness: amount(
        'With gamma arrivals: the shape k of the gaps, whose coefficient of variation is 1/√k. 1 is Poisson, 0.25 has gaps that vary twice as much, 4 half as much.',
        { min: 0.01, max: 10_000 },
        { examples: [0.25] },
      ).optional(),
      maxConcurrency: count(
        'A cap on requests in flight. Waiting for it counts from the planned instant. Only with `rate` or `stages`.',
        { min: 1, max: 100_000 },
      ).optional(),
      clock: oneOf(
        ['planned', 'sent'],
        'What latencies count from: the planned instant, or the send, as most tools do. In closed loop always the send.',
        { unless: ['load.concurrency'] },
      ).prefault('planned'),
      warmup: duration('Load before the measurement, which counts in no distribution.', { min: 0 }).prefault(
        '10s',
      ),
      duration: duration(
        'Length of the measurement.',
        { above: 0 },
        {
          fallback: '60s',
          unless: ['load.requests', 'load.stages'],
        },
      ).optional(),
      requests: count('Measure so many requests. Instead of `duration`.', {
        min: 1,
        max: MOST_REQUESTS,
      }).optional(),
      drain: duration('How long requests in flight are followed after the measurement.', { min: 0 }).prefault(
        '60s',
      ),
    },
    { error: 'a map with rate, stages or concurrency' },
  )
  .meta({
    description: 'When it is asked. By `rate` or `stages` (open loop) or by `concurrency` (closed loop).',
  });

const run = z
  .strictObject(
    {
      workers: countOr(
        'auto',
        'Threads that send and read. `auto` takes one for every 2,000 requests/s or 20,000 tokens/s of the plan, and leaves one core free.',
        { min: 1, max: 256 },
      ).prefault(1),
      preconnect: count(
        'Open so many connections before the first request, over all workers; what that took is then in no latency, and told apart.',
        { min: 0, max: 100_000 },
      ).prefault(0),
      probe: toggle(
        'Find out before the measurement which fields of a request the endpoint takes, and how many of its tokens a word is.',
      ).prefault(true),
      keepText: toggle('Keep what the endpoint answered in the run folder.').prefault(false),
      tokenizer: text(
        'A Hugging Face `tokenizer.json`, relative to the scenario file: after the run it counts the output tokens of the requests that the server did not count.',
        {
          type: 'path',
          expected: 'the path of a tokenizer.json',
          examples: ['tokenizer.json'],
        },
      ).optional(),
      strict: toggle('Take a suspect run for an invalid one.').prefault(false),
      failFast: toggle('End the run as soon as one of its gates can no longer be met.').prefault(false),
      out: text('The run folder. `reports/<name>-<time>` where it is not given; never overwritten.', {
        type: 'path',
        expected: 'the path of a folder',
        examples: ['reports/tonight'],
      }).optional(),
    },
    { error: 'a map of settings' },
  )
  .meta({ description: 'How the run is carried out.' });

/**
 * What people write in a scenario file, and what it means: validation, the JSON Schema and the reference derive from
 * this one definition. Its output is in base units (ms, per second). Rules between keys are in `rules.ts`.
 */
export const scenarioSchema = z
  .strictObject(
    {
      name: text(
        'Name of the run, part of its folder’s name. Without it, the name of the file or of the host.',
        {
          expected: 'a name of at most 100 characters that a folder can have',
          accepts: isRunName,
          examples: ['chat-interactive'],
        },
      ).optional(),
      seed: count('Everything random follows from it: the same seed makes the same plan.', {
        min: 0,
      }).prefault(42),
      endpoint: endpointSchema.prefault(SIMULATED),
      endpoints: endpointsSchema.optional(),
      rounds: count(
        'How often each of several endpoints is measured, interleaved. Only with `endpoints` or `--against`; 5 where nothing is said.',
        { min: 2, max: 1000 },
        { examples: [5] },
      ).optional(),
      tolerance: toleranceSchema.optional(),
      failOn: failOnSchema.optional(),
      decide: decideSchema.optional(),
      simulator: simulatorSchema.prefault({}),
      workload: workload.prefault({}),
      load: load.prefault({}),
      sweep: sweepSchema.optional(),
      slo: sloSchema.optional(),
      gates: gatesSchema.optional(),
      run: run.prefault({}),
    },
    { error: 'a map, with keys like endpoint, workload and load' },
  )
  .meta({ title: 'goodput scenario', description: 'What `goodput run` measures and how.' });

export type ScenarioValues = z.output<typeof scenarioSchema>;
