/** The process exit codes of every command. A contract: CI scripts branch on them. */
export const EXIT = {
  ok: 0,
  failure: 1,
  invalid: 98,
  missed: 99,
  usage: 104,
  interrupted: 105,
} as const;

/**
 * What went wrong, as data. `usage`: flags, scenario, paths that the user can mend. `io`: the disk or a pipe refused
 * us during work. `worker`: a thread died. `endpoint`: what was asked does not answer, and there is nothing else to do. `unusable`: a run
 * ended because its endpoint answers no request (no server, a rejected key, a wrong path), or a search because its streams are buffered. `defect`:
 * goodput itself is wrong.
 */
export type ErrorKind = 'usage' | 'io' | 'worker' | 'endpoint' | 'unusable' | 'defect';

const EXIT_OF: Record<ErrorKind, number> = {
  usage: EXIT.usage,
  io: EXIT.failure,
  worker: EXIT.failure,
  endpoint: EXIT.failure,
  unusable: EXIT.invalid,
  defect: EXIT.failure,
};

/** The one error class: its kind carries the exit code, `hint` says the way out, in a sentence of its own. */
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
 * Returns an error of kind `defect` for an exception that nothing in goodput expected.
 * @param where what failed, such as `load worker 0`
 */
export function defect(error: unknown, where = 'goodput'): GoodputError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new GoodputError('defect', `${where} failed because of a defect in goodput: ${message}`, {
    hint: 'report it with the lines above; what was recorded before is kept and can be reported',
    cause: error,
  });
}

/** Damerau–Levenshtein distance (adjacent swaps count 1), for "did you mean". */
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

/** The candidate nearest to `word`, or `null` where none is near enough to be what was meant. */
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
