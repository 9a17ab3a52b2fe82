import type { BatchComparison, ComparedSide } from '../batch/figures/batch-comparison.ts';
import { BATCH_COMPARISON_VERSION } from '../batch/figures/batch-comparison.ts';
import type { BatchSummary } from '../batch/figures/batch-summary.ts';
import { BATCH_SUMMARY_VERSION } from '../batch/figures/batch-summary.ts';
import type { BatchCost, TallyFigures } from '../batch/figures/tally.ts';
import {
  boolean,
  list,
  nullable,
  number,
  object,
  oneOf,
  recordOf,
  type Shape,
  string,
  whole,
} from '../document/definition.ts';
import { OUTCOMES } from '../sample.ts';

const COST = object<BatchCost>(
  {
    currency: string('Currency, an ISO 4217 code.'),
    factor: number('Factor of the stated prices: `price.batch`; 1 if it is not stated, and online.'),
    total: number('Cost of all successful requests.'),
    per_1m_output: nullable(number('Cost per million output tokens.')),
    per_1m_total: nullable(number('Cost per million tokens, input and output.')),
    per_request: nullable(number('Cost per successful request.')),
  },
  'Cost at the stated prices; `null`: none are stated.',
);

const FIGURES: Shape<TallyFigures> = {
  requests: whole('Requests with a result, or without one after the end.'),
  ok: whole('Successful requests.'),
  failed: recordOf(OUTCOMES, whole('Number of requests.'), 'Failed requests by outcome.'),
  tokens: object<TallyFigures['tokens']>(
    {
      input: whole('Input tokens, cached ones included.'),
      cached: whole('Input tokens from the prefix cache.'),
      output: whole('Output tokens.'),
    },
    'Tokens of the successful requests as the server counted them.',
  ),
  uncounted: whole('Successful requests whose tokens the server did not count.'),
  makespan_s: nullable(
    number('Time from the first byte sent to the last byte received, in seconds; every rate is over it.'),
  ),
  rps: nullable(number('Successful requests per second.')),
  input_tps: nullable(number('Input tokens per second.')),
  output_tps: nullable(number('Output tokens per second.')),
  cost: nullable(COST),
};

/** The document of `goodput batch --json`, which is also its `summary.json`. */
export const BATCH_SUMMARY = object<BatchSummary>(
  {
    schemaVersion: oneOf([BATCH_SUMMARY_VERSION], 'Version of this document.'),
    kind: oneOf(['batch'], 'Kind of the run.'),
    name: string('Name of the scenario.'),
    started: string('Start of the run, ISO 8601, UTC.'),
    endpoint: object<BatchSummary['endpoint']>(
      {
        url: string('Base URL.'),
        api: string('API.'),
        model: nullable(string('Model as requested.')),
        simulated: boolean('The endpoint is the simulated endpoint of goodput.'),
      },
      'The measured endpoint.',
    ),
    protocol: oneOf(['openai', 'anthropic'], 'Protocol of the Batch API.'),
    status: oneOf(['running', 'complete', 'interrupted', 'failed'], 'How the run ended.'),
    reason: nullable(string('Why it was interrupted or failed.')),
    planned: whole('Planned requests.'),
    upload_s: nullable(
      number('Time from the first byte of the upload to the creation of the last batch, in seconds.'),
    ),
    first_completion_s: nullable(
      number(
        'Time from the first byte of the upload to the first poll that showed a completed request, in seconds; `null` where the protocol does not report it.',
      ),
    ),
    ...FIGURES,
    duplicates: whole('Results with an id that another result had; the first counts.'),
    unknown: whole('Results with an id that was not sent.'),
    missing: whole('Requests without a result.'),
    batches: list(
      object<BatchSummary['batches'][number]>(
        {
          id: nullable(string('Id at the endpoint.')),
          status: nullable(string('Status as the endpoint last reported it.')),
          requests: whole('Number of its requests.'),
          bytes: whole('Size of its input, in bytes.'),
          took_s: nullable(number('Time from its upload to the first poll that showed its end, in seconds.')),
          refused: nullable(string('Why the endpoint refused it as a whole.')),
        },
        'A batch.',
      ),
      'The batches, in the order in which they were made.',
    ),
    notes: list(string('A sentence.'), 'Sentences for the reader of the report.'),
  },
  'Figures of a run of goodput batch.',
);

const SIDE = object<ComparedSide>(
  {
    kind: oneOf(['online', 'batch'], 'Kind of the run.'),
    dir: string('Run folder.'),
    name: string('Name of the scenario.'),
    endpoint: object<ComparedSide['endpoint']>(
      {
        url: string('Base URL.'),
        api: string('API.'),
        model: nullable(string('Model as requested.')),
      },
      'The measured endpoint.',
    ),
    ...FIGURES,
  },
  'One of the two runs.',
);

const ratioOf = (what: string) => nullable(number(`${what}: the second ÷ the first.`));

/** The document of `goodput compare --json` if one of the runs is a batch. */
export const BATCH_COMPARISON = object<Omit<BatchComparison, 'sides'> & { sides: ComparedSide[] }>(
  {
    schemaVersion: oneOf([BATCH_COMPARISON_VERSION], 'Version of this document.'),
    kind: oneOf(['batch-comparison'], 'Kind of the document.'),
    sides: list(SIDE, 'The two runs, in the order in which they were given.', 2),
    ratios: object<BatchComparison['ratios']>(
      {
        makespan: ratioOf('Makespan'),
        rps: ratioOf('Requests per second'),
        input_tps: ratioOf('Input tokens per second'),
        output_tps: ratioOf('Output tokens per second'),
        cost_per_request: ratioOf('Cost per request'),
        cost_per_1m_output: ratioOf('Cost per million output tokens'),
      },
      'The figures of the second run ÷ those of the first; `null` if either is unknown or the first is 0.',
    ),
    warnings: list(string('A sentence.'), 'Why the runs may not be comparable.'),
  },
  'An online run and a batch side by side.',
);
