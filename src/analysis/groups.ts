import { didYouMean, GoodputError } from '../errors.ts';
import type { RunHeader } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { GROUP_KEYS, isNumberKey, NO_GROUP, type RequestGroup } from '../slo/request-group.ts';
import { type Analysis, AnalysisPass, type Extent } from './analyze.ts';
import { compareRows, type GroupRow, rowOf } from './group-row.ts';
import { valueOf } from './request-groups.ts';

/** The groups to analyse: all groups by some keys, and single ones. */
export interface GroupSelection {
  keys: readonly string[];
  groups: readonly RequestGroup[];
}

/** The most groups by one key: a tag with more values identifies requests instead of grouping them. */
const MOST_GROUPS = 500;

/** The most names of groups that are kept for suggestions. */
const MOST_NAMES = 100;

/**
 * Analyses groups of the requests of a run: the figures of a group are those of a run with only these requests in the same window.
 * Requests that left no record may belong to any group.
 * @param samples called only if groups are selected
 * @throws {GoodputError} kind `usage` if a key has more than 500 groups; any error that `samples` throws
 */
export async function analyzeGroups(
  header: RunHeader,
  dir: string,
  samples: () => AsyncIterable<Sample> | Iterable<Sample>,
  slos: readonly RequestSlo[],
  extent: Extent,
  { keys, groups }: GroupSelection,
): Promise<GroupAnalyses> {
  const all = new Set([...keys, ...groups.map(({ key }) => key)]);
  if (all.size === 0) return new GroupAnalyses([], new Map());
  const grouped = [...all].map((key) => {
    const only = groups.filter((group) => group.key === key).map(({ name }) => name);
    return new GroupedRequests(header, slos, key, keys.includes(key) ? null : new Set(only));
  });
  const tags = new Set<string>();
  for await (const sample of samples()) {
    for (const each of grouped) each.add(sample);
    for (const tag in sample.tags) tags.add(tag);
  }
  return new GroupAnalyses(
    [...tags].sort(),
    new Map(grouped.map((each) => [each.key, each.finish(dir, extent)])),
  );
}

/** The analyses of the groups by one key. */
interface AnalysesByKey {
  /** False if no request has a value. */
  isKnown: boolean;
  /** Names of groups, also of those that were not analysed. */
  names: readonly string[];
  analyses: ReadonlyMap<string, Analysis>;
}

class GroupedRequests {
  readonly key: string;
  readonly #header: RunHeader;
  readonly #slos: readonly RequestSlo[];
  /** The groups to analyse; `null`: all. */
  readonly #only: ReadonlySet<string> | null;
  readonly #names = new Set<string>();
  readonly #passes = new Map<string, AnalysisPass>();
  #isKnown = false;

  constructor(header: RunHeader, slos: readonly RequestSlo[], key: string, only: ReadonlySet<string> | null) {
    this.key = key;
    this.#header = header;
    this.#slos = slos;
    this.#only = only;
  }

  add(sample: Sample): void {
    const value = valueOf(sample, this.key, this.#header.endpoint.model);
    if (value !== null) this.#isKnown = true;
    const name = value ?? NO_GROUP;
    if (this.#names.size < MOST_NAMES) this.#names.add(name);
    if (this.#only !== null && !this.#only.has(name)) return;
    let pass = this.#passes.get(name);
    if (pass === undefined) {
      if (this.#passes.size === MOST_GROUPS)
        throw new GoodputError('usage', `more than ${MOST_GROUPS} groups by ${this.key}`, {
          hint: 'group by a key whose values many requests share',
        });
      pass = new AnalysisPass(this.#header, this.#slos);
      this.#passes.set(name, pass);
    }
    pass.add(sample);
  }

  finish(dir: string, extent: Extent): AnalysesByKey {
    const analyses = new Map([...this.#passes].map(([name, pass]) => [name, pass.finish(dir, extent)]));
    return { isKnown: this.#isKnown, names: [...this.#names], analyses };
  }
}

/** The analyses of the selected groups of a run. */
export class GroupAnalyses {
  /** Names of the tags that requests of the run have. */
  readonly tags: readonly string[];
  readonly #byKey: ReadonlyMap<string, AnalysesByKey>;

  constructor(tags: readonly string[], byKey: ReadonlyMap<string, AnalysesByKey>) {
    this.tags = tags;
    this.#byKey = byKey;
  }

  /** Returns the analysis of a group; `null` if no request belongs to it. */
  analysisOf({ key, name }: RequestGroup): Analysis | null {
    return this.#byKey.get(key)?.analyses.get(name) ?? null;
  }

  /** Returns the rows of a key, one per group with requests of the cohort. */
  rows(key: string): GroupRow[] {
    return [...(this.#byKey.get(key)?.analyses ?? [])]
      .map(([group, { report }]) => rowOf(group, report))
      .filter(({ count }) => count > 0)
      .sort((a, b) => compareRows(key, a, b));
  }

  /** Returns why no request has a value of the key, with a suggestion; `null` if one has. */
  whyUnknown(key: string): string | null {
    if (this.#byKey.get(key)?.isKnown === true) return null;
    const meant = didYouMean(
      key,
      [...GROUP_KEYS, ...this.tags].filter((each) => each !== key),
    );
    const tags = this.tags.length === 0 ? 'requests have no tags' : `tags: ${this.tags.join(', ')}`;
    return `no request has ${JSON.stringify(key)} (${tags})${meant === null ? '' : `; did you mean ${meant}?`}`;
  }

  /** Returns why a group has no analysis. */
  whyEmpty({ key, name }: RequestGroup): string {
    const unknown = this.whyUnknown(key);
    if (unknown !== null) return unknown;
    const { names } = this.#byKey.get(key)!;
    const meant = isNumberKey(key) ? null : didYouMean(name, names);
    const hint = meant === null ? `; groups: ${names.slice(0, 10).join(', ')}` : `; did you mean ${meant}?`;
    return `no request has ${key} ${JSON.stringify(name)}${hint}`;
  }
}
