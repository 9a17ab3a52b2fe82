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
import type { DedupeDocument } from '../dataset/duplicates/dedupe.ts';
import { LEVELS, METHODS } from '../dataset/duplicates/dedupe.ts';
import type { FilterDocument, RuleResult } from '../dataset/filter/filter.ts';
import type { SizeDocument } from '../dataset/inspect/size.ts';
import type { StabilityRow } from '../dataset/inspect/stability.ts';
import type { SampleDocument } from '../dataset/sample.ts';
import type { PromptsDocument } from '../dataset/template/prompts-document.ts';
import { lengths } from './data-inspect.ts';

const NUMBERS = list(whole('A number.'), 'Numbers of the records, from 0.');

type Only<K extends keyof DedupeDocument> = NonNullable<DedupeDocument[K]>;

export const DATA_DEDUPE = object<DedupeDocument>(
  {
    method: oneOf(METHODS, 'Method.'),
    level: oneOf(LEVELS, 'What was compared.'),
    threshold: nullable(number('Least Jaccard index of near duplicates; `null`: the method has none.')),
    records: whole('Records read.'),
    kept: whole('Records kept.'),
    removed: whole('Records removed.'),
    clusters: optional(
      list(
        object<Only<'clusters'>[number]>(
          { kept: whole('Number of the record kept, from 0.'), removed: NUMBERS },
          'Duplicates of one record.',
        ),
        'Of level `document`: clusters of two or more records.',
      ),
    ),
    units: optional(
      object<Only<'units'>>(
        {
          total: whole('Paragraphs or sentences.'),
          inside: whole('Removed: repeat one in the same record.'),
          across: whole('Removed: repeat one in an earlier record.'),
        },
        'Of the levels `paragraph` and `sentence`.',
      ),
    ),
    groups: optional(
      list(
        object<Only<'groups'>[number]>(
          { tokens: whole('Tokens shared: whole blocks.'), records: NUMBERS },
          'Records with a shared beginning.',
        ),
        'Of level `prefix`.',
      ),
    ),
    bloom: optional(
      object<Only<'bloom'>>(
        {
          bits: whole('Size of the filter in bits.'),
          hashes: whole('Hash functions.'),
          expected_false: number('Expected number of records removed by mistake.'),
          expected: whole('Texts that the filter is made for.'),
          rate: number('Rate of false positives, 0 to 1.'),
        },
        'Of method `bloom`: the filter.',
      ),
    ),
  },
  'What goodput data dedupe --json prints.',
);

const RESULT = object<RuleResult>(
  {
    rule: string('Name of the rule or repair.'),
    sessions: whole('Sessions that it concerned.'),
    examples: list(string('The beginning of a session.'), 'The first three.'),
  },
  'One rule or repair.',
);

export const DATA_FILTER = object<FilterDocument>(
  {
    sessions: whole('Sessions read.'),
    kept: whole('Sessions kept.'),
    removed: whole('Sessions removed.'),
    rules: list(RESULT, 'Rules; a session can match several.'),
    cleaned: list(RESULT, 'Repairs.'),
  },
  'What goodput data filter --json prints.',
);

export const DATA_SAMPLE = object<SampleDocument>(
  {
    sessions: whole('Sessions read.'),
    drawn: whole('Sessions drawn.'),
    seed: whole('Seed of the draw.'),
    strata: nullable(
      list(
        object<NonNullable<SampleDocument['strata']>[number]>(
          {
            value: string('Value of the tag; empty for sessions without it.'),
            sessions: whole('Sessions with this value.'),
            drawn: whole('Sessions drawn from these.'),
          },
          'One value.',
        ),
        'By the value of a tag; `null` without `--by`.',
      ),
    ),
  },
  'What goodput data sample --json prints.',
);

export const DATA_SIZE = object<SizeDocument>(
  {
    quantile: number('Quantile, 0 to 1.'),
    error: number('Largest error of its rank, 0 to 1.'),
    confidence: number('Confidence, 0 to 1.'),
    records: whole('Records needed for the rank to be within the error.'),
    minimum: whole('Fewest records that bound the quantile from above.'),
    stability: nullable(
      list(
        object<StabilityRow>(
          {
            share: number('Share of the sessions, 0 to 1.'),
            sessions: whole('Sessions in it.'),
            input: nullable(number('Quantile of the input lengths, in words or tokens.')),
            output: nullable(number('Quantile of the output lengths, in words or tokens.')),
          },
          'A part of the data set.',
        ),
        'The quantile in growing parts of the data set; `null` without files.',
      ),
    ),
  },
  'What goodput data size --json prints.',
);

/** With a template every key, else the first three. */
export const DATA_FORMAT = object<
  Pick<PromptsDocument, 'records' | 'skipped' | 'sessions'> & Partial<PromptsDocument>
>(
  {
    records: whole('Records read.'),
    skipped: whole('Records with nothing to send: no user or tool message.'),
    sessions: whole('Sessions written.'),
    template: optional(
      object<PromptsDocument['template']>(
        {
          path: string('File of the templates.'),
          prompts: record(whole('Prompts.'), 'Prompts by the name of their template.'),
        },
        'The chat template.',
      ),
    ),
    tokens: optional(nullable(lengths('Lengths of the prompts in tokens; `null` without `--tokenizer`.'))),
    double_bos: optional(whole('Prompts that begin with a `bos_token` that the tokenizer adds too.')),
  },
  'What goodput data format --json and goodput data convert --json print.',
);
