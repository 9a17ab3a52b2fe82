import { significant } from '../../numbers.ts';
import type { GoodputError } from '../../errors.ts';
import type { FileDigest } from '../containers/bytes.ts';
import type { Pause } from '../duplicates/pause.ts';
import { Filter } from '../filter/filter.ts';
import { defectRule, type Rule } from '../filter/rules.ts';
import { Inspection, type InspectionDocument } from '../inspect/inspection.ts';
import type { Quality } from '../inspect/quality.ts';
import type { Session } from '../model/session.ts';
import type { Profile } from '../profiles/profiles.ts';
import type { DataSet } from '../read.ts';
import type { TokenUnit } from '../text/tokens.ts';
import type { Judgement } from './judge.ts';
import { ProfileCheck, type ProfileFit } from './profile-check.ts';
import {
  agreementRule,
  coverageRule,
  duplicatesRule,
  fitRule,
  licenceRule,
  matchedRule,
  type RuleFinding,
  schemaRule,
  scoreRule,
  type SourceLicence,
} from './rule-findings.ts';
import { problemOf } from './sendable.ts';

/** The document that `goodput data verify --json` prints (docs/data.md). */
export interface VerifyDocument {
  /** True if no rule failed. */
  pass: boolean;
  format: string;
  files: readonly FileDigest[];
  /** Records read, with those that cannot be read. */
  records: number;
  skipped: number;
  sessions: number;
  unit: 'tokens' | 'words';
  rules: RuleFinding[];
  profile: ProfileFit | null;
  judge: Judgement | null;
  quality: Quality;
}

/** The rules that a data set has to meet. */
export interface Requirements {
  unit: TokenUnit;
  /** Rules that no session may match. */
  lengths: readonly Rule[];
  /** The largest share of duplicates, and of the largest cell of the coverage. */
  mostDuplicates: number;
  largestCell: number;
  profile: Profile | null;
  /** The least mean score, and the least kappa of its two passes (`null`: any). */
  leastScore: number;
  leastKappa: number | null;
}

const EXAMPLES = 3;

/** Checks a data set against rules, session by session. */
export class Verification {
  readonly #required: Requirements;
  readonly #inspection: Inspection;
  readonly #lengths: Filter;
  readonly #personalData = new Filter([defectRule('pii')], []);
  readonly #profile: ProfileCheck | null;
  readonly #unreadable: string[] = [];
  #sessions = 0;
  #unsendable = 0;
  readonly #problems: string[] = [];

  constructor(required: Requirements) {
    const { unit, lengths, profile } = required;
    this.#required = required;
    this.#inspection = new Inspection(unit);
    this.#lengths = new Filter(lengths, []);
    this.#profile = profile === null ? null : new ProfileCheck(profile, unit);
  }

  /** Notes a record that cannot be read. */
  readonly addMistake = ({ message }: GoodputError): void => {
    if (this.#unreadable.length < EXAMPLES) this.#unreadable.push(message);
  };

  add(session: Session, blockTokens: number): void {
    this.#inspection.add(session, blockTokens);
    this.#lengths.apply(session);
    this.#personalData.apply(session);
    this.#profile?.add(session);
    const problem = problemOf(session);
    if (problem !== null) {
      this.#unsendable++;
      if (this.#problems.length < EXAMPLES) this.#problems.push(`record ${this.#sessions}: ${problem}`);
    }
    this.#sessions++;
  }

  /**
   * Returns the document, after all sessions of the data set.
   * @param licences those of its sources
   * @param judgement `null` without a judge
   */
  async document(
    data: DataSet,
    licences: readonly SourceLicence[],
    judgement: Judgement | null,
    pause?: Pause,
  ): Promise<VerifyDocument> {
    const inspected = await this.#inspection.document(data, pause);
    const { profile: wanted, leastScore, leastKappa } = this.#required;
    const profile = this.#profile?.result() ?? null;
    const { mistakes, skipped } = data;
    const records = inspected.records + mistakes;
    const schema = schemaRule({
      records,
      mistakes,
      skipped,
      unsendable: this.#unsendable,
      examples: [...this.#unreadable, ...this.#problems].slice(0, EXAMPLES),
    });
    const licence = licenceRule(licences);
    const rules = [
      schema,
      ...this.#lengths.document().rules.map(matchedRule),
      duplicatesRule(inspected, this.#required.mostDuplicates),
      coverageRule(inspected, this.#required.largestCell),
      licence,
      ...(profile === null || wanted!.input === null ? [] : [fitRule('input', profile)]),
      ...(profile === null || wanted!.output === null ? [] : [fitRule('output', profile)]),
      ...(judgement === null ? [] : [scoreRule(judgement, leastScore), agreementRule(judgement, leastKappa)]),
    ];
    const { format, files, sessions, unit } = inspected;
    return {
      pass: rules.every(({ pass }) => pass !== false),
      format,
      files,
      records,
      skipped,
      sessions,
      unit,
      rules,
      profile,
      judge: judgement,
      quality: this.#quality(inspected, schema, licence, judgement),
    };
  }

  #quality(
    { quality, sessions, duplicates }: InspectionDocument,
    schema: RuleFinding,
    licence: RuleFinding,
    judgement: Judgement | null,
  ): Quality {
    const personal = this.#personalData.document().rules[0]!.sessions;
    const { mean = null, model, agreement } = judgement ?? {};
    const judged = mean === null ? null : `mean score ${significant(mean)} of 5 by ${model}`;
    const kappa = agreement?.kappa ?? null;
    const agreed = kappa === null ? null : `kappa of the judge ${significant(kappa)}`;
    const hasText = duplicates !== null;
    return {
      relevance: judged ?? quality.relevance,
      fitness: judged ?? quality.fitness,
      consistency:
        [hasText ? quality.consistency : null, agreed].filter(Boolean).join('; ') || 'not measured',
      form: schema.found,
      uniqueness: quality.uniqueness,
      compliance: `licence: ${licence.found}; personal data, by its form, ${hasText ? `in ${personal} of ${sessions} sessions` : 'not measured'}`,
    };
  }
}
