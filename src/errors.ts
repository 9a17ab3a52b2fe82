/** The problem, or the list of all problems, that prevents a value. */
export interface Failed<E = string> {
  ok: false;
  problem: E;
}

/** A value, or the problem that prevents it: the result of a function that reads input and does not throw. */
export type Result<T, E = string> = { ok: true; value: T } | Failed<E>;

/** The process exit codes of all commands. CI scripts depend on them. */
export const EXIT = {
  ok: 0,
  failure: 1,
  invalid: 98,
  missed: 99,
  usage: 104,
  interrupted: 105,
} as const;

/**
 * The kind of an error, which determines the exit code. `usage`: wrong flags, scenario or paths, which the user can fix. `io`: a
 * disk or a pipe failed during the work. `worker`: a load worker died. `endpoint`: the endpoint of a command that only asks does not
 * answer. `unusable`: a run ended because its endpoint answers no request (no server, a rejected key, a wrong path), or a search
 * because its streams are buffered. `ranks`: the
 * ranks of a run did not start together. `defect`: a defect in goodput.
 */
export type ErrorKind = 'usage' | 'io' | 'worker' | 'endpoint' | 'unusable' | 'ranks' | 'defect';

const EXIT_OF: Record<ErrorKind, number> = {
  usage: EXIT.usage,
  io: EXIT.failure,
  worker: EXIT.failure,
  endpoint: EXIT.failure,
  unusable: EXIT.invalid,
  ranks: EXIT.failure,
  defect: EXIT.failure,
};

/** The one error class. Its kind determines the exit code; `hint` is the fix, in a separate sentence. */
export class GoodputError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | null;

  constructor(kind: ErrorKind, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GoodputError';
    this.kind = kind;
    this.hint = options.hint ?? null;
  }

  get exitCode(): number {
    return EXIT_OF[this.kind];
  }
}

/**
 * Returns an error of kind `defect` for an unexpected exception.
 * @param where the part that failed, like `load worker 0`
 */
export function defect(error: unknown, where = 'goodput'): GoodputError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new GoodputError('defect', `${where} failed because of a defect in goodput: ${message}`, {
    hint: 'please report it with the lines above; the samples recorded before are kept, and goodput report reads them',
    cause: error,
  });
}

/** Returns the Damerau–Levenshtein distance (adjacent swaps count 1). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(substitution, previous[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, before[j - 2]! + 1);
      }
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** Returns the candidate that is most similar to `word`; `null` if none is similar enough to be meant. */
export function didYouMean(word: string, candidates: Iterable<string>): string | null {
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
