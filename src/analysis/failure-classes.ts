import { isOverload, localLimit } from '../sample.ts';
import type { Sample } from '../sample.ts';
import type { FailureClass } from './report-figures.ts';

/** Counts failed requests by their cause. */
export class FailureClasses {
  readonly #classes = new Map<string, FailureClass>();

  /** @param sample a request that failed */
  add(sample: Sample): void {
    const { outcome, status, error } = sample;
    const overload = isOverload(sample);
    const race = outcome === 'connect' && sample.reused === true;
    // A refused connection and one that was reset are different classes.
    const code = outcome === 'connect' ? error?.code : undefined;
    // The key keeps apart what has different causes: a 404 and a 500, a timeout of the connection and of the first token, a limit of
    // this machine and a connection that the server closed.
    const key = `${outcome} ${status} ${error?.kind} ${localLimit(sample)} ${overload} ${race} ${code}`;
    const known = this.#classes.get(key);
    const wait = error?.retry_after_ms;
    if (known !== undefined) {
      known.count++;
      if (wait !== undefined) known.retry_after_ms = Math.max(wait, known.retry_after_ms ?? 0);
      return;
    }
    this.#classes.set(key, {
      outcome,
      count: 1,
      example: exampleOf(sample),
      status,
      ...(overload ? { overload } : {}),
      ...(race ? { race } : {}),
      ...(wait === undefined ? {} : { retry_after_ms: wait }),
    });
  }

  /** Returns the classes, the most frequent first. */
  list(): FailureClass[] {
    return [...this.#classes.values()].sort((a, b) => b.count - a.count);
  }
}

/** Returns the message of a failure with its code and its kind of timeout; "" if there is none. The status is a key of its own. */
function exampleOf({ error }: Sample): string {
  if (error === null) return '';
  const { message, code, kind } = error;
  const marks = [
    // The messages of Node have the code of a system error.
    ...(code === undefined || message.includes(code) ? [] : [code]),
    ...(kind === undefined ? [] : [`${kind} timeout`]),
  ];
  return marks.length === 0 ? message : `${message} (${marks.join(', ')})`;
}
