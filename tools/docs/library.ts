import { readFileSync } from 'node:fs';

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Returns docs/library.md: its page with the examples put in. */
export const libraryPage = (): string =>
  textOf('tools/docs/pages/library.md').replaceAll(/^@(\S+)$/gm, (_, name: string) =>
    textOf(`examples/${name}`).trim(),
  );
