import { type Exits, exitWords } from '../../verdict/exits.ts';
import type { ComparedSide } from '../../compare/comparison-document.ts';
import type { Compared } from '../../compare/ranking.ts';
import { EXIT } from '../../errors.ts';
import { annotation, type Level } from '../writers/annotation.ts';
import { sentenceOf } from './comparison.ts';
import { figureSentence } from './figure-text.ts';
import { type Case, junitDocument, type Suite } from '../writers/junit-suite.ts';
import {
  figuresOf,
  isShortPair,
  namedSides,
  type NamedFigure,
  type Pair,
  pairsOf,
  shortRunsOf,
} from './pairs.ts';
import { failedText, failuresText } from './side-text.ts';
import { rankedSentence } from './ranking.ts';
import { simulatedName } from '../layout/simulated.ts';
import { openPage } from '../layout/style.ts';

/** Comparisons for CI servers: JUnit XML and GitHub annotations. */

const page = openPage({ color: false, unicode: true, width: 100 });

/** Returns the pairs with the first endpoint; the others decide nothing. */
const decidingPairs = (found: Compared): readonly Pair[] => {
  const pairs = pairsOf(found);
  return pairs.filter(({ base }) => base === pairs[0]!.base);
};

const decidingFigures = (pair: Pair): NamedFigure[] => figuresOf(pair).filter(({ figure }) => figure.decides);

const titleOf = ({ base, new: next }: Pair): string => `${next} against ${base}`;

const isInterrupted = ({ verdict }: Compared): boolean => verdict.exitCode === EXIT.interrupted;

const INTERRUPTED = 'The comparison was interrupted: it covers the rounds that are complete.';

/**
 * Returns JUnit XML: a suite per pair of endpoints, a case per deciding figure, and cases that the runs are valid and that every
 * round was measured, which are errors and not failures. It fails exactly if the exit code is not 0.
 */
export const renderComparisonJunit = (found: Compared): string =>
  junitDocument(decidingPairs(found).map((pair) => suiteOf(pair, found)));

function suiteOf(pair: Pair, found: Compared): Suite {
  const { verdict } = pair;
  const sides = namedSides(found).map(({ side }) => side);
  const started = sides.flatMap(({ runs }) => runs.map(({ startedAt }) => startedAt)).toSorted()[0] ?? null;
  return {
    name: titleOf(pair) + simulatedName(found),
    started,
    seconds: null,
    cases: casesOf(pair, isInterrupted(found)),
    properties: [
      ['base', pair.base],
      ['new', pair.new],
      ['verdict', verdict.status],
      ['exit_code', found.verdict.exitCode],
      ['decided_by', verdict.decided_by.join(', ')],
      ['tolerance_pct', verdict.tolerance_pct],
      ['fail_on', verdict.fail_on],
      ['strength', found.strength],
      ...(['base', 'new'] as const).flatMap((each) => sideProperties(each, pair.sides[each])),
    ],
  };
}

/** Returns the properties of a side that explain its speed. */
const sideProperties = (label: string, side: ComparedSide): Suite['properties'] => [
  [`${label}_error_rate`, side.error_rate],
  [`${label}_failures`, failuresText(side) || null],
  [`${label}_cached_share`, side.cached_share],
  [`${label}_short_runs`, shortRunsOf(side)],
];

function casesOf(pair: Pair, interrupted: boolean): Case[] {
  const { verdict } = pair;
  const missed = verdict.exitCode === EXIT.missed;
  const reasons = verdict.reasons.map(({ text }) => text).join(' ');
  const sentence = `${titleOf(pair)}: ${verdict.status}${verdict.decided_by.length === 0 ? '' : `, by ${verdict.decided_by.join(', ')}`}`;
  return [
    {
      name: 'the runs are valid',
      problem: verdict.status === 'invalid' ? { kind: 'error', message: reasons } : null,
      output: '',
    },
    ...decidingFigures(pair).map((each): Case => {
      const output = figureSentence(each, pair, page, isShortPair(pair));
      const isReason = missed && verdict.decided_by.includes(each.name);
      return {
        name: each.name,
        problem: isReason ? { kind: 'failure', message: output } : null,
        output,
      };
    }),
    {
      name: verdict.fail_on === 'inconclusive' ? 'it is proven not to be worse' : 'it is not worse',
      problem: missed ? { kind: 'failure', message: sentence } : null,
      output: sentence,
    },
    ...(interrupted
      ? [
          {
            name: 'every round was measured',
            problem: { kind: 'error' as const, message: INTERRUPTED },
            output: '',
          },
        ]
      : []),
  ];
}

/** Returns annotations for a GitHub workflow: the verdict, each figure that is worse, and each warning. */
export function renderComparisonGithub(found: Compared, exits?: Exits): string {
  const { verdict, warnings } = found;
  const [sentence, title] =
    'ranking' in found
      ? [rankedSentence(found), `${found.endpoints.length} endpoints`]
      : [sentenceOf(found), titleOf(pairsOf(found)[0]!)];
  const early = isInterrupted(found) ? `. ${INTERRUPTED}` : '';
  const lines = [
    annotation(
      levelOf(found),
      `goodput: ${title}${simulatedName(found)}`,
      `${sentence}${exitWords(verdict, exits)}${early}`,
    ),
    ...verdict.reasons.map(({ text }) => annotation('error', `${title}: audit`, text)),
  ];
  for (const pair of decidingPairs(found)) {
    const level = pair.verdict.exitCode === EXIT.ok ? 'warning' : 'error';
    for (const each of decidingFigures(pair)) {
      if (each.figure.verdict === 'worse')
        lines.push(
          annotation(
            level,
            `${titleOf(pair)}: ${each.name}`,
            figureSentence(each, pair, page, isShortPair(pair)),
          ),
        );
    }
  }
  const failing = namedSides(found).filter(({ side }) => failuresText(side) !== '');
  if (failing.length > 0)
    lines.push(
      annotation(
        'notice',
        `${title}: failures`,
        failing.map(({ name, side }) => `${name} ${failedText(side, page)}`).join('; '),
      ),
    );
  for (const { text } of warnings) lines.push(annotation('warning', `${title}: warning`, text));
  return lines.join('');
}

function levelOf({ verdict }: Compared): Level {
  if (verdict.exitCode !== EXIT.ok) return 'error';
  return verdict.status === 'worse' || verdict.status === 'inconclusive' ? 'warning' : 'notice';
}
