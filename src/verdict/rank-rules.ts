import { duration, plural, share } from '../numbers.ts';
import type { Report } from '../analysis/report.ts';
import { isLost } from '../analysis/lost.ts';
import { decidesAlike } from './lost-range.ts';
import { type ValidityRule } from './rule.ts';

type MergedRank = NonNullable<Report['ranks']>['each'][number];

/** Above this, ranks that did not meet did not offer the load together. */
const APART_MS = 1000;

const nameOf = ({ index }: MergedRank, of: number): string => `Rank ${index} of ${of}`;

function fateOf({ status, reason }: MergedRank): string {
  if (status === 'missing') return 'has no run folder';
  return status === 'failed'
    ? `failed${reason === null ? '' : ` (${reason})`}`
    : 'was killed, or has not ended';
}

/** Returns the first sentence of a text: numbers in it have no space after their point. */
const firstSentence = (text: string): string => /^.*?\.(?= |$)/s.exec(text)?.[0] ?? text;

const joined = (texts: readonly string[]): string =>
  texts.length <= 4 ? texts.join('; ') : `${texts.slice(0, 3).join('; ')}; and ${texts.length - 3} more`;

function rangeText({ slo }: Report): string {
  const { low, high, kind } = slo?.attainment ?? { low: null, high: null, kind: null };
  return kind === 'lost' && low !== null && high !== null
    ? `, so attainment is between ${share(low)} and ${share(high)}`
    : '';
}

export const lostRanks: ValidityRule = {
  name: 'lost_ranks',
  what: 'ranks that were killed, failed or left no run folder; only of a merged run',
  suspect: 'any, if the gates have the same result whatever their lost requests did',
  invalid: 'any',
  check(report, values, gates) {
    const { ranks } = report;
    const lost = ranks?.each.filter(isLost) ?? [];
    if (ranks === undefined || lost.length === 0) return null;
    const requests = lost.reduce((sum, { lost_in_window }) => sum + lost_in_window, 0);
    const isAlike = !lost.some(({ lost_more }) => lost_more) && decidesAlike(gates, report, values);
    const least = lost.some(({ lost_more }) => lost_more) ? 'At least ' : '';
    const who = joined(lost.map((rank) => `${nameOf(rank, ranks.of)} ${fateOf(rank)}`));
    return {
      rule: 'lost_ranks',
      level: isAlike ? 'suspect' : 'invalid',
      text: `${who}. ${least}${plural(requests, 'request')} of the window left no record${rangeText(report)}.`,
      advice: isAlike
        ? 'The gates have the same result whatever these requests did.'
        : 'Find out why, and start all ranks again.',
    };
  },
};

export const rankAudits: ValidityRule = {
  name: 'rank_audits',
  what: 'audits of the ranks; only of a merged run',
  suspect: 'one is suspect',
  invalid: 'one is invalid',
  check({ ranks }) {
    const doubtful = ranks?.each.filter(({ audit }) => audit !== null && audit.status !== 'valid') ?? [];
    if (ranks === undefined || doubtful.length === 0) return null;
    const level = doubtful.some(({ audit }) => audit!.status === 'invalid') ? 'invalid' : 'suspect';
    const worst = doubtful.filter(({ audit }) => audit!.status === level);
    const [first = 'see its report.'] = worst[0]!.audit!.reasons;
    const number = worst.length === 1 ? '' : `${worst.length} of ${ranks.of} ranks are ${level}. `;
    return {
      rule: 'rank_audits',
      level,
      text: `${number}${nameOf(worst[0]!, ranks.of)} is ${level}: ${firstSentence(first)}`,
      advice: 'The report of each rank has its audit: goodput report DIR/rank-r.',
    };
  },
};

export const rankStarts: ValidityRule = {
  name: 'rank_starts',
  what: 'difference of the starts of ranks that did not meet, by their wall clocks; only of a merged run',
  suspect: `above ${APART_MS / 1000} s`,
  invalid: null,
  check({ ranks }) {
    if (ranks === undefined || ranks.met || ranks.starts_within_ms <= APART_MS) return null;
    return {
      rule: 'rank_starts',
      level: 'suspect',
      text: `The ranks started up to ${duration(ranks.starts_within_ms)} apart, so the server did not get the load that was planned.`,
      advice: 'Let them start together (--meet).',
    };
  },
};
