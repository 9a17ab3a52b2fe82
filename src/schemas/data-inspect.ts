import {
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
  whole,
} from '../document/definition.ts';
import type { Arrivals } from '../dataset/inspect/arrivals.ts';
import type { LengthGroup } from '../dataset/inspect/group-lengths.ts';
import type { InspectionDocument } from '../dataset/inspect/inspection.ts';
import type { LengthFigures } from '../dataset/inspect/length-figures.ts';
import type { Quality } from '../dataset/inspect/quality.ts';
import { FILE_DIGEST } from '../dataset/write/manifest-json.ts';

/** The keys that say what was read. */
export const READ = {
  format: string('Format of the records.'),
  files: list(object<InspectionDocument['files'][number]>(FILE_DIGEST, 'One file.'), 'Files, in order.'),
  records: whole('Records read.'),
  skipped: whole('Records with nothing to send: no user or tool message.'),
  sessions: whole('Sessions.'),
  unit: oneOf(
    ['tokens', 'words'],
    'Unit of lengths: `tokens` from the data or a tokenizer, `words` between white space.',
  ),
};

const length = (what: string) =>
  nullable(number(`${what}, in the unit of lengths; \`null\` without lengths.`));

export const lengths = (description: string) =>
  object<LengthFigures>(
    {
      count: whole('Number of lengths.'),
      mean: length('Mean'),
      sd: length('Standard deviation of the population'),
      cv: nullable(number('Coefficient of variation; `null` if the mean is 0 or unknown.')),
      min: length('Least'),
      p1: length('1st percentile, nearest rank'),
      p5: length('5th percentile'),
      p25: length('25th percentile'),
      p50: length('Median, nearest rank'),
      p75: length('75th percentile'),
      p90: length('90th percentile'),
      p95: length('95th percentile'),
      p99: length('99th percentile'),
      max: length('Greatest'),
    },
    description,
  );

const INPUT = lengths('Lengths of the own messages of turns, or their `input_tokens`.');
const OUTPUT = lengths('Lengths of recorded answers, or `output_tokens`.');

const mark = (what: string) => string(`${what}: what was measured, or \`not measured\`.`);

export const QUALITY = object<Quality>(
  {
    relevance: mark('Relevance'),
    fitness: mark('Fitness for the task'),
    consistency: mark('Consistency'),
    form: mark('Form'),
    uniqueness: mark('Uniqueness'),
    compliance: mark('Compliance'),
  },
  'Six quality marks.',
);

const dispersion = (bin: string) =>
  nullable(number(`Variance ÷ mean of the counts in bins of ${bin}; \`null\` for fewer than two bins.`));

const ARRIVALS = object<Arrivals>(
  {
    rate_rps: nullable(number('Sessions per second; `null` if all start at one instant.')),
    gap_cv: nullable(number('Coefficient of variation of the gaps.')),
    gamma_shape: nullable(number('Shape of a gamma process with this variation: 1 ÷ `gap_cv`².')),
    dispersion: object<Arrivals['dispersion']>(
      { '1s': dispersion('1 s'), '10s': dispersion('10 s'), '60s': dispersion('60 s') },
      'Dispersion of counts.',
    ),
    tick_ms: nullable(number('Interval of a coarse clock, in milliseconds; `null`: none.')),
  },
  'Starts of sessions; `null` for fewer than two with a time.',
);

export const DATA_INSPECT = object<InspectionDocument>(
  {
    ...READ,
    turns: object<InspectionDocument['turns']>(
      { mean: nullable(number('Mean.')), max: nullable(whole('Most.')) },
      'Turns per session.',
    ),
    input: INPUT,
    output: OUTPUT,
    correlation: object<InspectionDocument['correlation']>(
      {
        pearson: nullable(
          number('Pearson’s coefficient; `null` for fewer than two turns or without variance.'),
        ),
        spearman: nullable(number('Spearman’s coefficient, with mean ranks for ties.')),
      },
      'Correlation of input and output lengths, over turns that have both.',
    ),
    languages: record(whole('Records.'), 'Records by language.'),
    special_tokens: record(whole('Records.'), 'Records with a control token of chat templates, by token.'),
    frequent_tokens: list(
      object<InspectionDocument['frequent_tokens'][number]>(
        { token: string('The token, or the word without a tokenizer.'), count: whole('Occurrences.') },
        'One token.',
      ),
      'The most frequent tokens of messages, the most frequent first.',
    ),
    verb_noun_pairs: record(
      whole('Sessions.'),
      'Sessions by the first verb of their English instruction and its object: the most frequent pairs.',
    ),
    outliers: nullable(
      object<NonNullable<InspectionDocument['outliers']>>(
        { low: whole('Unusually short inputs.'), high: whole('Unusually long inputs.') },
        'Turns with an unusual input; `null` for fewer than 20.',
      ),
    ),
    duplicates: nullable(
      object<NonNullable<InspectionDocument['duplicates']>>(
        {
          exact: whole('Records that repeat an earlier one.'),
          near: whole('Further records with a Jaccard index of at least 0.8.'),
        },
        'Duplicates; `null` without text.',
      ),
    ),
    reusable_prefix: nullable(
      object<NonNullable<InspectionDocument['reusable_prefix']>>(
        { tokens: whole('Prompt tokens.'), share: number('Share of all prompt tokens, 0 to 1.') },
        'Prompt tokens that repeat the beginning of an earlier prompt; `null` without prompts.',
      ),
    ),
    arrivals: nullable(ARRIVALS),
    coverage: object<InspectionDocument['coverage']>(
      {
        cells: whole('Cells of source, language and length that are not empty.'),
        entropy_bits: nullable(number('Entropy over the cells, in bits.')),
        largest_share: nullable(number('Share of the largest cell, 0 to 1.')),
      },
      'How evenly sessions are spread.',
    ),
    quality: QUALITY,
    groups: optional(
      list(
        object<LengthGroup>(
          {
            group: string('Value of the tag; empty for sessions without it.'),
            sessions: whole('Sessions.'),
            input: INPUT,
            output: OUTPUT,
          },
          'One value.',
        ),
        'With `--by`: lengths by the value of a tag, the largest first.',
      ),
    ),
  },
  'What goodput data inspect --json prints.',
);
