/**
 * The requests to stop that a user has made: by Ctrl-C or by an AbortSignal. The first ends a run gracefully, the second cuts off its
 * in-flight requests. One object serves a run, or all runs of a sweep, of rounds or of a capacity search.
 */
export class StopRequests {
  #count = 0;
  readonly #listeners = new Set<() => void>();

  get count(): number {
    return this.#count;
  }

  get isRequested(): boolean {
    return this.#count > 0;
  }

  request(): void {
    this.#count++;
    for (const listener of this.#listeners) listener();
  }

  /**
   * Calls `listener` once for each request: at once for those made before, later for those to come.
   * @returns a function that removes the listener
   */
  listen(listener: () => void): () => void {
    for (let k = 0; k < this.#count; k++) listener();
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
