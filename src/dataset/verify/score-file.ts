import { appendFileSync, readFileSync } from 'node:fs';
import { GoodputError } from '../../errors.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';
import type { Pass, Rating } from './rubric.ts';

/** One line of a score file. */
export interface StoredRating extends Rating {
  /** Position of the record, from 0. */
  record: number;
  /** Identifies what was judged: model, rubric and text. */
  key: string;
  pass: Pass;
}

/** The ratings of a judge, one JSON line each, in a file that is appended to: ratings of an earlier call are not asked for again. */
export class ScoreFile {
  readonly path: string;
  readonly #ratings = new Map<string, Rating>();
  #isOpen: boolean;

  /** @throws {GoodputError} kind `usage` if the file cannot be read */
  constructor(path: string) {
    this.path = path;
    const text = textOf(path);
    // A call that was killed may have left an incomplete line.
    this.#isOpen = text !== '' && !text.endsWith('\n');
    for (const line of text.split('\n')) {
      const rating = ratingOf(line);
      if (rating !== null) this.#ratings.set(`${rating.key} ${rating.pass}`, rating);
    }
  }

  /** Ratings in the file. */
  get count(): number {
    return this.#ratings.size;
  }

  rating(key: string, pass: Pass): Rating | null {
    return this.#ratings.get(`${key} ${pass}`) ?? null;
  }

  /** @throws {GoodputError} kind `io` if the disk fails */
  add(rating: StoredRating): void {
    try {
      appendFileSync(this.path, `${this.#isOpen ? '\n' : ''}${JSON.stringify(rating)}\n`);
    } catch (error) {
      throw new GoodputError('io', `cannot write ${this.path}: ${reasonOf(error, 'write')}`, {
        cause: error,
      });
    }
    this.#isOpen = false;
    this.#ratings.set(`${rating.key} ${rating.pass}`, rating);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw new GoodputError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

function ratingOf(line: string): StoredRating | null {
  try {
    const rating = JSON.parse(line) as Partial<StoredRating> | null;
    const isComplete =
      typeof rating?.key === 'string' &&
      typeof rating.score === 'number' &&
      typeof rating.reason === 'string';
    return isComplete ? (rating as StoredRating) : null;
  } catch {
    return null;
  }
}
