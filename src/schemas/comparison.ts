import type { ComparedFigure, ComparedSide } from '../compare/comparison-document.ts';
import { REASON_CODES, WARNING_CODES } from '../compare/warning.ts';
import type { ComparisonDocument, RankedDocument } from '../compare/written-comparison.ts';
import {
  boolean,
  type Definition,
  either,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  type Shape,
  string,
} from '../document/definition.ts';
import { codesIn, PER_EVENT, SIMULATED } from './common.ts';

const FAIL_ON = oneOf(['worse', 'inconclusive', 'never'], 'Verdict at which the command fails.');
const STRENGTH = oneOf(
  ['rounds', 'indicative'],
  '`rounds`: several runs per side, one value per run. `indicative`: two single runs.',
);
const WARNINGS = list(string('A sentence.'), 'Why the differences may have another cause than the server.');
const TOLERANCE = number('Difference that counts as the same, in percent of the value of the base.');
const REASONS = list(string('A sentence.'), 'Why the comparison is invalid; empty if it is not.');
const REASON_CODE_LIST = codesIn(REASON_CODES, 'reasons');
const EXIT_CODE = number('Exit code of the process.');

const inUnit = (text: string): Definition<number | null> => nullable(number(`${text}, in \`unit\`.`));
const inPercent = (text: string): Definition<number | null> =>
  nullable(number(`${text}, in percent of the base.`));

const NEEDED = either(
  object<{ runs: number }>({ runs: number('Runs per side.') }, 'Runs needed.'),
  object<{ requests: number }>({ requests: number('Requests per run.') }, 'Requests needed.'),
  'How much is needed for a verdict on the figure, if it is inconclusive.',
);

const FIGURE = object<ComparedFigure>(
  {
    unit: string('Unit of the figure.'),
    ...PER_EVENT,
    base: inUnit('Value of the base'),
    new: inUnit('Value of the new side'),
    diff: inUnit('Difference, new − base'),
    low: inUnit('Lower end of the interval of the difference (`null`: not bounded)'),
    high: inUnit('Upper end of the interval of the difference (`null`: not bounded)'),
    diff_pct: inPercent('Difference'),
    low_pct: inPercent('Lower end of the interval, at least −100'),
    high_pct: inPercent('Upper end of the interval'),
    verdict: oneOf(['same', 'better', 'worse', 'inconclusive'], 'Verdict on the figure.'),
    decides: boolean('The verdict of the comparison depends on the figure.'),
    confidence: number('Confidence of the interval, 0 to 1.'),
    method: nullable(
      oneOf(['W', 'M', 'N', 'R', 'welch'], 'Statistical method; docs/compare.md describes the methods.'),
    ),
    needed: nullable(NEEDED),
    why: nullable(string('Why there is no verdict, if the reason is not the width of the interval.')),
  },
  'A figure of both sides.',
);

const METRICS = record(record(FIGURE, 'Figure (`mean`, `p50`, …) → both sides.'), 'Metric → its figures.');
const RATES = record(FIGURE, 'Figure of the complete run → both sides.');

/** Keys that a side of a comparison and an endpoint of a ranking share. */
const SIDE: Shape<Omit<ComparedSide, 'name'>> = {
  url: string('Base URL.'),
  api: string('API.'),
  model: nullable(string('Model as requested.')),
  simulated: boolean('The endpoint is the simulated endpoint of goodput.'),
  error_rate: nullable(number('Mean error rate of the runs, 0 to 1.')),
  failures: record(number('Requests.'), 'Outcome → requests that did not succeed.'),
  token_source: nullable(string('Source of most output token counts.')),
  output_tokens: nullable(number('Mean output tokens of a response.')),
  cached_share: nullable(number('Share of the input tokens from the prefix cache of the server, 0 to 1.')),
  runs: list(
    object<ComparedSide['runs'][number]>(
      {
        dir: string('Run folder.'),
        id: string('Identifies the run.'),
        name: string('Name of the scenario.'),
        startedAt: string('Start of the run, ISO 8601, UTC.'),
        seed: nullable(number('Seed of arrivals, lengths and prompts; `null` in an imported run.')),
        requests: number('Requests of the cohort.'),
        short: boolean('The run is too short for intervals.'),
      },
      'A run.',
    ),
    'Runs of the side.',
  ),
};

const side = (description: string) =>
  object<ComparedSide>(
    { name: optional(string('Name; only of endpoints that were compared by name.')), ...SIDE },
    description,
  );

const VERDICT = object<ComparisonDocument['verdict']>(
  {
    status: oneOf(['same', 'better', 'worse', 'inconclusive', 'invalid'], 'Verdict on the new side.'),
    exitCode: EXIT_CODE,
    decided_by: list(string('Figure.'), 'Figures that the status comes from.'),
    deciding: list(string('Figure.'), 'All figures that the verdict depends on.'),
    tolerance_pct: TOLERANCE,
    fail_on: FAIL_ON,
    reasons: REASONS,
    reason_codes: REASON_CODE_LIST,
  },
  'The verdict.',
);

const PAIR = object<ComparisonDocument>(
  {
    simulated: SIMULATED,
    schemaVersion: number('Version of this document.'),
    base: side('The base.'),
    new: side('The side that is compared with the base.'),
    strength: STRENGTH,
    paired: boolean('Runs were compared in pairs of one plan.'),
    warnings: WARNINGS,
    warning_codes: codesIn(WARNING_CODES, 'warnings'),
    metrics: METRICS,
    rates: RATES,
    verdict: VERDICT,
  },
  'Comparison of two sides.',
);

const ROUNDS_FIGURE = object<RankedDocument['endpoints'][number]['figures'][string]>(
  {
    unit: string('Unit of the figure.'),
    ...PER_EVENT,
    value: inUnit('Mean over the rounds'),
    low: inUnit('Lower end of its interval'),
    high: inUnit('Upper end of its interval'),
  },
  'A figure of an endpoint.',
);

const RANKED = object<RankedDocument>(
  {
    simulated: SIMULATED,
    schemaVersion: number('Version of this document.'),
    strength: STRENGTH,
    endpoints: list(
      object<RankedDocument['endpoints'][number]>(
        {
          ...SIDE,
          name: string('Name.'),
          figures: record(ROUNDS_FIGURE, 'Deciding figure → its value.'),
        },
        'An endpoint.',
      ),
      'Endpoints, the base first.',
    ),
    ranking: list(
      object<RankedDocument['ranking'][number]>(
        {
          figure: string('Figure.'),
          order: list(
            object<RankedDocument['ranking'][number]['order'][number]>(
              {
                name: string('Name of the endpoint.'),
                value: nullable(number('Value of the figure, in its unit.')),
                rank: nullable(number('1 + the number of endpoints that are better; `null`: no value.')),
              },
              'An endpoint.',
            ),
            'Endpoints by rank, within a rank by value.',
          ),
        },
        'Order of the endpoints by one figure.',
      ),
      'Rankings by the deciding figures.',
    ),
    pairs: list(
      object<RankedDocument['pairs'][number]>(
        {
          base: string('Name of an endpoint.'),
          new: string('Name of the endpoint that is compared with it.'),
          metrics: METRICS,
          rates: RATES,
          verdict: VERDICT,
        },
        'Comparison of two endpoints.',
      ),
      'Every pair of endpoints.',
    ),
    warnings: WARNINGS,
    warning_codes: codesIn(WARNING_CODES, 'warnings'),
    verdict: object<RankedDocument['verdict']>(
      {
        status: oneOf(
          ['ranked', 'same', 'inconclusive', 'invalid'],
          '`ranked`: some difference is statistically significant.',
        ),
        exitCode: EXIT_CODE,
        deciding: list(string('Figure.'), 'Figures that the verdict depends on.'),
        tolerance_pct: TOLERANCE,
        fail_on: FAIL_ON,
        reasons: REASONS,
        reason_codes: REASON_CODE_LIST,
      },
      'The verdict.',
    ),
  },
  'Comparison of three or more endpoints.',
);

/** The document of `goodput compare --json`, and of `goodput run --json` with several endpoints. */
export const COMPARISON = either(
  PAIR,
  RANKED,
  'A comparison of goodput: what goodput compare --json prints.',
);
