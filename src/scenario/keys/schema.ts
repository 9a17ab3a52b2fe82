import { z } from 'zod';
import { decideSchema, failOnSchema, toleranceSchema } from './comparing-keys.ts';
import { gatesSchema, sloSchema } from './condition-keys.ts';
import { endpointSchema, endpointsSchema, SIMULATED } from './endpoint-keys.ts';
import { amount, count, countOr, duration, oneOf, rate, text, toggle } from './fields.ts';
import { simulatorSchema } from './simulator-keys.ts';
import { stagesSchema } from './stages.ts';
import { hardwareSchema, modelSchema, priceSchema } from './machine-keys.ts';
import { sweepSchema } from './sweep-keys.ts';
import { telemetryField } from './telemetry-key.ts';
import { workloadSchema } from './workload-keys.ts';

/** The most requests of a plan. It is computed before the run starts; with more, the start and Ctrl-C would be delayed. */
export const MOST_REQUESTS = 20_000_000;

/** Returns true if a name is a valid folder name on every system. */
export const isRunName = (name: string): boolean =>
  /^[^\s./\\:*?"<>|\p{Cc}][^/\\:*?"<>|\p{Cc}]{0,99}$/u.test(name);

const load = z
  .strictObject(
    {
      rate: rate(
        'Requests per unit of time, sent at planned instants (open loop); sessions, if they have several turns.',
        {
          fallback: '2/s',
          unless: ['load.concurrency', 'load.stages'],
        },
      ).optional(),
      stages: stagesSchema.optional(),
      concurrency: count(
        'Number of requests in flight; each is followed by the next (closed loop). Instead of `rate`. With sessions, the number of users.',
        {
          min: 1,
          max: 100_000,
        },
      ).optional(),
      arrivals: oneOf(
        ['constant', 'poisson', 'gamma', 'trace'],
        'The arrival process of the planned instants, or `trace` for the instants of `workload.data`. Only with `rate`, `stages` or `trace`.',
        { unless: ['load.concurrency'] },
      ).prefault('poisson'),
      burstiness: amount(
        'Shape k of the gaps of gamma arrivals; their coefficient of variation is 1/√k. 1 is Poisson; with 0.25 gaps vary twice as much, with 4 half as much.',
        { min: 0.01, max: 10_000 },
        { examples: [0.25] },
      ).optional(),
      speed: amount(
        'Speed of a trace: 2 halves all gaps. Only with `arrivals: trace`.',
        {
          above: 0,
          max: 1e6,
        },
        { examples: [2] },
      ).optional(),
      from: duration(
        'Instant of a trace at which its window begins. Only with `arrivals: trace`.',
        {
          min: 0,
        },
        { examples: ['10m'] },
      ).optional(),
      spread: toggle(
        'Spread requests with the same instant over the tick of a trace with coarse instants. Default: true. Only with `arrivals: trace`.',
      ).optional(),
      maxConcurrency: count(
        'Maximum number of requests in flight. Latencies include the wait for a free place. Only with `rate` or `stages`.',
        { min: 1, max: 100_000 },
      ).optional(),
      clock: oneOf(
        ['planned', 'sent'],
        'Start of latencies: the planned instant, or the send, as in most tools. In closed loop always the send.',
        { unless: ['load.concurrency'] },
      ).prefault('planned'),
      warmup: duration('Load before the measurement. Not included in any figure.', { min: 0 }).prefault(
        '10s',
      ),
      duration: duration(
        'Length of the measurement.',
        { above: 0 },
        {
          fallback: '60s',
          unless: ['load.requests', 'load.sessions', 'load.stages'],
        },
      ).optional(),
      requests: count('Number of requests to measure. Instead of `duration`.', {
        min: 1,
        max: MOST_REQUESTS,
      }).optional(),
      sessions: count('Number of sessions to start in the measurement. Instead of `duration`.', {
        min: 1,
        max: MOST_REQUESTS,
      }).optional(),
      drain: duration('Maximum time to wait after the measurement for requests in flight.', {
        min: 0,
      }).prefault('60s'),
    },
    { error: 'a map with rate, stages or concurrency' },
  )
  .meta({
    description:
      'When requests are sent: by `rate` or `stages` (open loop) or by `concurrency` (closed loop).',
  });

const run = z
  .strictObject(
    {
      workers: countOr(
        'auto',
        'Threads that send and read. `auto`: one for every 2,000 requests/s or 20,000 tokens/s of the plan, leaving one core free.',
        { min: 1, max: 256 },
      ).prefault(1),
      preconnect: count(
        'Number of connections to open before the first request, over all workers. The time that this takes is not part of any latency and is reported separately.',
        { min: 0, max: 100_000 },
      ).prefault(0),
      probe: toggle(
        'Run a preflight: find out before the measurement which request fields the endpoint accepts, and how many tokens a word has.',
      ).prefault(true),
      keepText: toggle('Keep the text of the answers in the run folder.').prefault(false),
      tokenizer: text(
        'A Hugging Face `tokenizer.json`, relative to the scenario file. Synthetic prompts have exactly the planned tokens by it. After the run, it counts the output tokens of requests without a token count from the server.',
        {
          type: 'path',
          expected: 'the path of a tokenizer.json',
          examples: ['tokenizer.json'],
        },
      ).optional(),
      telemetryEvery: duration('Time between two scrapes of a target of `telemetry`.', {
        min: 100,
      }).prefault('1s'),
      strict: toggle('Treat a suspect run as invalid.').prefault(false),
      failFast: toggle('Stop the run as soon as one of its gates can no longer be met.').prefault(false),
      out: text('The run folder. Default: `reports/<name>-<time>`. Never overwritten.', {
        type: 'path',
        expected: 'the path of a folder',
        examples: ['reports/tonight'],
      }).optional(),
    },
    { error: 'a map of settings' },
  )
  .meta({ description: 'How the run is carried out.' });

/**
 * The schema of a scenario file. Validation, the JSON Schema and the reference are derived from it. Its output is in base units
 * (ms, per second). Rules between keys are in `key-rules.ts`.
 */
export const scenarioSchema = z
  .strictObject(
    {
      name: text(
        'Name of the run, part of its folder’s name. Default: the name of the file or of the host.',
        {
          expected: 'a valid folder name of at most 100 characters',
          accepts: isRunName,
          examples: ['chat-interactive'],
        },
      ).optional(),
      seed: count('Seed of all random numbers: the same seed gives the same plan.', {
        min: 0,
      }).prefault(42),
      endpoint: endpointSchema.prefault(SIMULATED),
      endpoints: endpointsSchema.optional(),
      rounds: count(
        'Number of runs of each of several endpoints, interleaved. Only with `endpoints` or `--against`. Default: 5.',
        { min: 2, max: 1000 },
        { examples: [5] },
      ).optional(),
      tolerance: toleranceSchema.optional(),
      failOn: failOnSchema.optional(),
      decide: decideSchema.optional(),
      simulator: simulatorSchema.prefault({}),
      workload: workloadSchema.prefault({}),
      load: load.prefault({}),
      sweep: sweepSchema.optional(),
      hardware: hardwareSchema.optional(),
      model: modelSchema.optional(),
      price: priceSchema.optional(),
      telemetry: telemetryField,
      slo: sloSchema.optional(),
      gates: gatesSchema.optional(),
      run: run.prefault({}),
    },
    { error: 'a map, with keys like endpoint, workload and load' },
  )
  .meta({ title: 'goodput scenario', description: 'A measurement by `goodput run`.' });

export type ScenarioValues = z.output<typeof scenarioSchema>;
