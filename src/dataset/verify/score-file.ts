import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { object, oneOf, string, whole } from '../../document/definition.ts';
import { readText } from '../../document/read.ts';
import { GoodputError } from '../../errors.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';
import { type Pass, PASSES, type Rating, SCORES } from './rubric.ts';

/** One line of a score file. */
export interface StoredRating extends Rating {
  /** Position of the record, from 0. */
  record: number;
  /** Identifies what was judged: model, rubric and text. */
  key: string;
  pass: Pass;
}

const STORED = object<StoredRating>(
  {
    record: whole('Position of the record, from 0.'),
    key: string('Identifies what was judged.'),
    pass: oneOf(PASSES, 'Pass of the judge.'),
    score: oneOf(SCORES, 'Score.'),
    reason: string('Reason.'),
  },
  'One rating.',
);

/** The ratings of a judge, one JSON line each, in a file that is appended to: ratings of an earlier call are not asked for again. */
export class ScoreFile {
  readonly path: string;
  readonly #ratings = new Map<string, Rating>();
  /** The bytes of complete lines, if the last line is incomplete: a call was killed. */
  #complete: number | null = null;
  #isOpen: boolean;

  /** @throws {GoodputError} kind `usage` if the file cannot be read, or a line of it is damaged */
  constructor(path: string) {
    this.path = path;
    const text = textOf(path);
    const lines = text.split('\n');
    this.#isOpen = lines.at(-1) !== '';
    for (const [k, line] of lines.entries()) {
      if (line.trim() === '') continue;
      try {
        const rating = readText(STORED, line, `${path}:${k + 1}`, HINT);
        this.#ratings.set(`${rating.key} ${rating.pass}`, rating);
      } catch (error) {
        const isCut = k === lines.length - 1 && (error as Error).cause instanceof SyntaxError;
        if (!isCut) throw error;
        this.#complete = Buffer.byteLength(text.slice(0, -line.length));
        this.#isOpen = false;
      }
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
      if (this.#complete !== null) truncateSync(this.path, this.#complete);
      this.#complete = null;
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

const HINT = 'Only the last line may be damaged. Remove this line to have the record judged again.';

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw new GoodputError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
