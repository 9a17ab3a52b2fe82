import { GoodputError } from '../../errors.ts';
import { suggestion } from './record-error.ts';
import type { Session } from './session.ts';

/** The names of the tags that sessions have. */
export class TagNames {
  readonly #names = new Set<string>();

  add({ tags, turns }: Session): void {
    for (const name in tags) this.#names.add(name);
    for (const turn of turns) for (const name in turn.tags) this.#names.add(name);
  }

  /**
   * @param by the tag of `--by`; `null`: none
   * @throws {GoodputError} kind `usage` if no session has it
   */
  check(by: string | null): void {
    if (by === null || this.#names.has(by)) return;
    const names = [...this.#names].toSorted();
    throw new GoodputError(
      'usage',
      `--by: no session has the tag ${JSON.stringify(by)}; there are ${names.join(', ')}${suggestion(by, names)}`,
    );
  }
}
