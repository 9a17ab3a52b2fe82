import { boolean, list, nullable, number, object, string, whole } from '../document/definition.ts';
import type { Judgement } from '../dataset/verify/judge.ts';
import type { LengthFit, ProfileFit } from '../dataset/verify/profile-check.ts';
import type { RuleFinding } from '../dataset/verify/rule-findings.ts';
import type { VerifyDocument } from '../dataset/verify/verification.ts';
import { QUALITY, READ } from './data-inspect.ts';

const fit = (kind: string) =>
  nullable(
    object<LengthFit>(
      {
        count: whole('Lengths of at least 1.'),
        distance: number('Kolmogorov–Smirnov distance from the interpolated quantiles, 0 to 1.'),
        least_distance: number(
          'Least distance from any distribution with the quantiles, 0 to 1; it decides.',
        ),
        critical: number('Distance that chance exceeds with a probability of 5%.'),
      },
      `Comparison of ${kind} lengths; \`null\`: the profile or the data set has none.`,
    ),
  );

const PROFILE = object<ProfileFit>(
  {
    name: string('Name of the profile.'),
    tokenizer: string('Tokenizer that counted the lengths of the profile.'),
    input: fit('input'),
    output: fit('output'),
  },
  'Comparison with a recorded workload; `null` without `--profile`.',
);

const times = (score: number) => whole(`Number of scores of ${score}.`);

const JUDGE = object<Judgement>(
  {
    model: string('Model that judged.'),
    scores: string('Path of the file with the scores.'),
    records: whole('Records with both scores.'),
    unscored: whole('Records without.'),
    mean: nullable(number('Mean score, 1 to 5.')),
    distribution: object<Judgement['distribution']>(
      { 1: times(1), 2: times(2), 3: times(3), 4: times(4), 5: times(5) },
      'Scores by value.',
    ),
    agreement: nullable(
      object<NonNullable<Judgement['agreement']>>(
        {
          equal: number('Share of records with equal scores, 0 to 1.'),
          kappa: nullable(number('Cohen’s kappa; `null` if all scores are the same.')),
          weighted: nullable(number('Kappa with quadratic weights.')),
        },
        'Agreement of the two passes; `null` without scores.',
      ),
    ),
    asked: whole('Questions of this call.'),
    input_tokens: whole('Input tokens of these, as the server counted them.'),
    output_tokens: whole('Output tokens of these, as the server counted them.'),
    lowest: list(
      object<Judgement['lowest'][number]>(
        {
          record: whole('Number of the record, from 0.'),
          score: number('Mean of its two scores.'),
          reason: string('Reason in the words of the judge.'),
        },
        'One record.',
      ),
      'Records with the lowest scores.',
    ),
    problems: list(string('A problem.'), 'Why scores are missing, for the first records.'),
  },
  'Scores of a judge; `null` without `--judge`.',
);

export const DATA_VERIFY = object<VerifyDocument>(
  {
    pass: boolean('True if no rule failed.'),
    ...READ,
    rules: list(
      object<RuleFinding>(
        {
          rule: string('Name of the rule, with its limit if it is about lengths.'),
          pass: nullable(boolean('False if the rule failed; `null`: not measured, or without a limit.')),
          value: nullable(number('Value that the limit is compared with; `null`: none.')),
          limit: nullable(number('Limit; `null`: none.')),
          found: string('The finding in words.'),
          examples: list(string('A record, with its place or beginning.'), 'First records that fail.'),
        },
        'One rule.',
      ),
      'Rules, in order.',
    ),
    profile: nullable(PROFILE),
    judge: nullable(JUDGE),
    quality: QUALITY,
  },
  'What goodput data verify --json prints.',
);
