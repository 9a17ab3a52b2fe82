import type { Judgement } from '../../dataset/verify/judge.ts';
import type { RuleFinding } from '../../dataset/verify/rule-findings.ts';
import type { VerifyDocument } from '../../dataset/verify/verification.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, share } from '../../numbers.ts';
import { entry, hanging } from '../layout/layout.ts';
import { openPage, type Page, type Style } from '../layout/style.ts';
import { qualityLines } from './quality.ts';

/** Returns what a verification found, as text. */
export function renderVerification(document: VerifyDocument, style: Style): string {
  const page = openPage(style);
  const { pass, files, format, records, sessions, unit, rules, profile, judge, quality } = document;
  const names = files.map(({ path }) => (path === '-' ? 'stdin' : clean(path)));
  const failed = rules.filter((rule) => rule.pass === false).length;
  const lines = [
    ...entry('Files', names.join(', '), page),
    ...entry(
      'Records',
      `${count(records)} of the format ${format || 'unknown'}, ${plural(sessions, 'session')}; lengths in ${unit}`,
      page,
    ),
    '',
    ...rules.flatMap((rule) => ruleLines(rule, page)),
    ...(profile !== null && unit === 'words'
      ? hanging(
          ' '.repeat(RULE_INDENT),
          `The lengths are words, those of the profile tokens (${profile.tokenizer}): count with --tokenizer.`,
          page,
        )
      : []),
    ...(judge === null
      ? []
      : [
          '',
          ...entry(
            'Judge',
            `${clean(judge.model)}: ${plural(judge.asked, 'question')} with ${count(judge.input_tokens)} input and ${count(judge.output_tokens)} output tokens${hasScores(judge) ? `; the scores are in ${clean(judge.scores)}` : ''}`,
            page,
          ),
          ...entry(
            'Scores',
            Object.entries(judge.distribution)
              .map(([score, times]) => `${score}: ${count(times)}`)
              .join(', '),
            page,
          ),
        ]),
    '',
    ...qualityLines(quality, page),
    '',
    pass
      ? page.ink.good(`${page.signs.pass}pass`)
      : page.ink.bad(`${page.signs.fail}FAIL: ${plural(failed, 'rule')} of ${rules.length}`),
    '',
  ];
  return lines.join('\n');
}

const RULE_INDENT = 6;

const hasScores = ({ distribution }: Judgement): boolean =>
  Object.values(distribution).some((times) => times > 0);

function ruleLines({ rule, pass, found, examples, limit }: RuleFinding, page: Page): string[] {
  const mark = pass === null ? '   -' : pass ? page.ink.good('pass') : page.ink.bad('FAIL');
  const isShare = rule === 'duplicates' || rule === 'coverage';
  const allowed = isShare && limit !== null ? `; at most ${share(limit)}` : '';
  return [
    ...hanging(`${mark}  `, `${clean(rule)}: ${clean(found)}${pass === null ? '' : allowed}`, page),
    ...examples.flatMap((example) => hanging(' '.repeat(RULE_INDENT + 2), clean(example), page)),
  ];
}
