import { contentText, type Session } from '../model/session.ts';
import { withoutPersonalData } from '../text/pii.ts';
import { type Cleaner, cleaned } from './clean.ts';
import type { Rule } from './rules.ts';

/** The effect of a rule or a repair: the number of sessions that it concerned, with the beginnings of three. */
export interface RuleResult {
  rule: string;
  sessions: number;
  examples: string[];
}

/** The document that `goodput data filter --json` prints (docs/data.md). */
export interface FilterDocument {
  sessions: number;
  kept: number;
  removed: number;
  /** By rule; a session can match several. */
  rules: RuleResult[];
  cleaned: RuleResult[];
}

const EXAMPLES = 3;
const EXAMPLE_LENGTH = 80;
/** Characters of a text in which personal data is replaced for an example. */
const MASKED_LENGTH = 1000;

/** Repairs sessions, and removes those that match a rule. */
export class Filter {
  readonly #rules: readonly Rule[];
  readonly #cleaners: readonly Cleaner[];
  readonly #document: FilterDocument;

  constructor(rules: readonly Rule[], cleaners: readonly Cleaner[]) {
    this.#rules = rules;
    this.#cleaners = cleaners;
    const resultOf = (rule: string): RuleResult => ({ rule, sessions: 0, examples: [] });
    this.#document = {
      sessions: 0,
      kept: 0,
      removed: 0,
      rules: rules.map(({ name }) => resultOf(name)),
      cleaned: cleaners.map(resultOf),
    };
  }

  /** Returns the repaired session; `null` if a rule matches it. */
  apply(session: Session): Session | null {
    const document = this.#document;
    document.sessions++;
    let repaired = session;
    for (const [at, cleaner] of this.#cleaners.entries()) {
      const next = cleaned(repaired, cleaner);
      if (next !== repaired) note(document.cleaned[at]!, session);
      repaired = next;
    }
    let isKept = true;
    for (const [at, rule] of this.#rules.entries()) {
      if (!rule.matches(repaired)) continue;
      note(document.rules[at]!, repaired);
      isKept = false;
    }
    if (isKept) document.kept++;
    else document.removed++;
    return isKept ? repaired : null;
  }

  document(): FilterDocument {
    return this.#document;
  }
}

function note(result: RuleResult, session: Session): void {
  result.sessions++;
  if (result.examples.length < EXAMPLES) result.examples.push(beginningOf(session));
}

/** Returns the beginning of the first message without personal data, because it is published with the manifest; or the length of a turn given by length. */
function beginningOf({ turns }: Session): string {
  const [first] = turns;
  if (first === undefined || first.messages === null) return `${first?.input_tokens ?? 0} tokens`;
  const whole = contentText(
    first.messages.find(({ role }) => role === 'user')?.['content'] ?? first.messages[0]?.['content'],
  );
  // Replaced before the text is cut: half of an address is not recognised.
  const text = withoutPersonalData(whole.slice(0, MASKED_LENGTH));
  return text.length > EXAMPLE_LENGTH ? `${text.slice(0, EXAMPLE_LENGTH)}…` : text;
}
