import { share, significant } from '../../numbers.ts';
import type { RuleResult } from '../filter/filter.ts';
import type { InspectionDocument } from '../inspect/inspection.ts';
import type { Judgement } from './judge.ts';
import type { ProfileFit } from './profile-check.ts';

/** The finding of one rule. */
export interface RuleFinding {
  rule: string;
  /** `null`: not measured, or without a limit. */
  pass: boolean | null;
  value: number | null;
  /** The value that separates passing from failing; `null`: none. */
  limit: number | null;
  /** The finding in words. */
  found: string;
  /** The first records that fail. */
  examples: string[];
}

/** The licence of a source, as its manifest or the user states it. */
export interface SourceLicence {
  path: string;
  licence: string | null;
}

const finding = (
  rule: string,
  pass: boolean | null,
  { value = null, limit = null, found, examples = [] }: Partial<RuleFinding> & { found: string },
): RuleFinding => ({ rule, pass, value, limit, found, examples });

/** Returns `1 session`, `2 sessions`. */
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Every record can be read, and sent as requests. */
export function schemaRule({
  records,
  mistakes,
  skipped,
  unsendable,
  examples,
}: {
  records: number;
  mistakes: number;
  /** Records without a user or tool message. */
  skipped: number;
  unsendable: number;
  examples: string[];
}): RuleFinding {
  const bad = mistakes + skipped + unsendable;
  return finding('schema', bad === 0, {
    value: bad,
    limit: 0,
    found:
      bad === 0
        ? `all ${plural(records, 'record')} can be read and sent`
        : `of ${plural(records, 'record')}, ${mistakes} cannot be read and ${skipped + unsendable} cannot be sent${skipped === 0 ? '' : ` (${skipped} without a user or tool message)`}`,
    examples,
  });
}

/** No session matches a rule about its length. */
export const matchedRule = ({ rule, sessions, examples }: RuleResult): RuleFinding =>
  finding(rule, sessions === 0, {
    value: sessions,
    limit: 0,
    found: sessions === 0 ? 'met by every session' : `missed by ${plural(sessions, 'session')}`,
    examples,
  });

export function duplicatesRule({ duplicates, sessions }: InspectionDocument, limit: number): RuleFinding {
  if (duplicates === null) return finding('duplicates', null, { limit, found: 'not measured: no text' });
  const { exact, near } = duplicates;
  const value = sessions === 0 ? 0 : (exact + near) / sessions;
  const found = `${share(value)} of ${plural(sessions, 'session')} repeat an earlier one: ${exact} exact, ${near} near`;
  return finding('duplicates', value <= limit, { value, limit, found });
}

export function coverageRule({ coverage, sessions }: InspectionDocument, limit: number): RuleFinding {
  const value = coverage.largest_share;
  if (value === null || sessions < 2)
    return finding('coverage', null, { value, limit, found: 'not measured: fewer than two sessions' });
  const found = `the largest of ${coverage.cells} cells of source, language and length has ${share(value)}`;
  return finding('coverage', value <= limit, { value, limit, found });
}

/** Every source has a licence. */
export function licenceRule(sources: readonly SourceLicence[]): RuleFinding {
  const missing = sources
    .filter(({ licence }) => licence === null)
    .map(({ path }) => (path === '-' ? 'stdin' : path));
  const licences = [...new Set(sources.flatMap(({ licence }) => licence ?? []))];
  return finding('licence', missing.length === 0, {
    value: missing.length,
    limit: 0,
    found:
      missing.length === 0
        ? licences.join(', ')
        : `none for ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`,
  });
}

/** The lengths are those of a profile, as far as its quantiles tell. */
export function fitRule(kind: 'input' | 'output', profile: ProfileFit): RuleFinding {
  const fit = profile[kind];
  const rule = `profile ${kind}`;
  if (fit === null) return finding(rule, false, { found: `the data set has no ${kind} lengths` });
  const { count, distance, least_distance, critical } = fit;
  return finding(rule, least_distance <= critical, {
    value: least_distance,
    limit: critical,
    found: `Kolmogorov–Smirnov distance ${significant(least_distance)} from the quantiles of ${profile.name} (${significant(distance)} from their interpolation); the critical value at 5% of ${plural(count, 'length')} is ${significant(critical)}`,
  });
}

export function scoreRule(
  { mean, records, unscored, lowest, problems }: Judgement,
  limit: number,
): RuleFinding {
  const missing = unscored === 0 ? '' : `; ${plural(unscored, 'record')} without a score`;
  return finding('score', mean !== null && mean >= limit, {
    value: mean,
    limit,
    found:
      mean === null
        ? `no record was scored${missing}`
        : `mean ${significant(mean)} of 5 over ${plural(records, 'record')}${missing}`,
    examples: [
      ...lowest
        .filter(({ score }) => score < limit)
        .map(
          ({ record, score, reason }) => `record ${record}: ${score}${reason === '' ? '' : `, ${reason}`}`,
        ),
      ...problems,
    ],
  });
}

export function agreementRule({ agreement }: Judgement, limit: number | null): RuleFinding {
  if (agreement === null) return finding('agreement', null, { limit, found: 'not measured' });
  const { equal, kappa, weighted } = agreement;
  const found = `${share(equal)} of the scores are the same in both passes; ${
    kappa === null
      ? 'kappa is unknown, because all scores are the same'
      : `kappa ${significant(kappa)}, with quadratic weights ${significant(weighted)}`
  }`;
  return finding('agreement', limit === null || kappa === null ? null : kappa >= limit, {
    value: kappa,
    limit,
    found,
  });
}
