import { type Session, sessionText } from '../model/session.ts';
import { normalForm } from '../text/normal-form.ts';
import { WORDS } from '../text/tokens.ts';
import type { UnitLevel } from '../text/units.ts';
import { BloomFilter, bloomSize, type BloomSize } from './bloom.ts';
import { type Cluster, Clusters } from './clusters.ts';
import { DigestTable } from './digest-table.ts';
import { NearDuplicates } from './near-duplicates.ts';
import type { Pause } from './pause.ts';
import { type PrefixGroup, PrefixGroups } from './prefix-groups.ts';
import { SimHashDuplicates } from './simhash.ts';
import { type UnitCounts, UnitDuplicates } from './unit-duplicates.ts';

export const LEVELS = ['document', 'paragraph', 'sentence', 'prefix'] as const;
export type Level = (typeof LEVELS)[number];
export const METHODS = ['exact', 'minhash', 'simhash', 'bloom'] as const;
export type Method = (typeof METHODS)[number];

/** How duplicates are found. */
export interface DedupeOptions {
  level: Level;
  method: Method;
  /** The least Jaccard index of near duplicates. */
  threshold: number;
  /** The blocks that records of a prefix group share at least. */
  blocks: number;
  /** The size of a Bloom filter: the expected records (or units), and the rate of false positives. */
  bloom: { expected: number; rate: number };
}

/** The document that `goodput data dedupe --json` prints (docs/data.md). */
export interface DedupeDocument {
  method: Method;
  level: Level;
  /** `null` unless the method finds near duplicates by it. */
  threshold: number | null;
  records: number;
  kept: number;
  removed: number;
  clusters?: Cluster[];
  units?: UnitCounts;
  groups?: PrefixGroup[];
  bloom?: BloomSize & { expected: number; rate: number };
}

/**
 * Finds the duplicates of a data set. Records are numbered from 0. `exact`, `bloom`, and the levels `paragraph` and `sentence` decide about a record
 * when it is added; `minhash` and `simhash` at the end.
 */
export interface Deduper {
  /** Returns the session to keep (without repeated units), or `null` if it is a duplicate; `undecided` until the end. */
  add(session: Session): Session | null | 'undecided';
  /**
   * Returns the result, and for undecided records which are kept.
   * @param pause is called now and then
   */
  finish(pause?: Pause): Promise<DedupeResult>;
}

interface DedupeResult {
  document: DedupeDocument;
  isKept: (record: number) => boolean;
}

export function openDeduper(options: DedupeOptions): Deduper {
  if (options.level === 'prefix') return prefixDeduper(options);
  if (options.level !== 'document') return unitDeduper(options.level, options);
  if (options.method === 'bloom') return bloomDeduper(options);
  if (options.method === 'exact') return exactDeduper(options);
  return nearDeduper(options);
}

/** Returns the normal form of a session's text; `null` if it has no text. */
function formOf(session: Session): string | null {
  const text = sessionText(session);
  return text === null ? null : normalForm(text);
}

const documentOf = (
  { method, level, threshold }: DedupeOptions,
  records: number,
  removed: number,
): DedupeDocument => ({
  method,
  level,
  threshold: method === 'minhash' && level === 'document' ? threshold : null,
  records,
  kept: records - removed,
  removed,
});

function exactDeduper(options: DedupeOptions): Deduper {
  const table = new DigestTable();
  const clusters = new Clusters();
  let records = 0;
  return {
    add(session) {
      const record = records++;
      clusters.add();
      const form = formOf(session);
      const equal = form === null ? null : table.add(form, record);
      if (equal === null) return session;
      clusters.join(equal, record);
      return null;
    },
    finish: async () => ({
      document: { ...documentOf(options, records, clusters.removed), clusters: clusters.all() },
      isKept: (record) => clusters.first(record) === record,
    }),
  };
}

/** Returns a function that adds a text and returns true if it was there, by a Bloom filter or exactly. */
function knownTexts({ method, bloom: { expected, rate } }: DedupeOptions): {
  add: (form: string) => boolean;
  bloom: Pick<DedupeDocument, 'bloom'>;
} {
  if (method === 'bloom') {
    const size = bloomSize(expected, rate);
    const filter = new BloomFilter(size);
    return { add: (form) => filter.add(form), bloom: { bloom: { expected, rate, ...size } } };
  }
  const table = new DigestTable();
  return { add: (form) => table.add(form, 0) !== null, bloom: {} };
}

function bloomDeduper(options: DedupeOptions): Deduper {
  const known = knownTexts(options);
  let [records, removed] = [0, 0];
  return {
    add(session) {
      records++;
      const form = formOf(session);
      if (form === null || !known.add(form)) return session;
      removed++;
      return null;
    },
    finish: async () => ({
      document: { ...documentOf(options, records, removed), ...known.bloom },
      isKept: () => true,
    }),
  };
}

function nearDeduper(options: DedupeOptions): Deduper {
  const found =
    options.method === 'minhash' ? new NearDuplicates(options.threshold) : new SimHashDuplicates();
  let records = 0;
  return {
    add(session) {
      records++;
      found.add(formOf(session));
      return 'undecided';
    },
    async finish(pause) {
      const clusters = await found.finish(pause);
      return {
        document: { ...documentOf(options, records, clusters.removed), clusters: clusters.all() },
        isKept: (record) => clusters.first(record) === record,
      };
    },
  };
}

function unitDeduper(level: UnitLevel, options: DedupeOptions): Deduper {
  const known = knownTexts(options);
  const units = new UnitDuplicates(level, known.add);
  let [records, removed] = [0, 0];
  return {
    add(session) {
      records++;
      const left = units.add(session);
      if (left === null) removed++;
      return left;
    },
    finish: async () => ({
      document: { ...documentOf(options, records, removed), units: units.counts, ...known.bloom },
      isKept: () => true,
    }),
  };
}

function prefixDeduper(options: DedupeOptions): Deduper {
  const groups = new PrefixGroups(WORDS, options.blocks);
  let records = 0;
  return {
    add(session) {
      records++;
      groups.add(sessionText(session));
      return session;
    },
    finish: async () => ({
      document: { ...documentOf(options, records, 0), groups: groups.result() },
      isKept: () => true,
    }),
  };
}
