import { Child } from '../real/child.ts';

/** Background programs that are stopped in the reverse order of their start. */
export class Daemons {
  readonly #children: Child[] = [];

  start(name: string, words: readonly string[], env: Record<string, string | undefined> = {}): Child {
    const [program = '', ...args] = words;
    const child = new Child(program, args, { name, env: { ...process.env, ...env } });
    this.#children.push(child);
    return child;
  }

  async stop(): Promise<void> {
    for (const child of this.#children.splice(0).reverse()) await child.stop();
  }
}
