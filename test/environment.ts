import { fileURLToPath } from 'node:url';

/** Options of Node for processes of goodput whose load workers do not rehearse. */
export const NO_REHEARSAL: readonly string[] = [
  '--import',
  fileURLToPath(new URL('no-rehearsal.mjs', import.meta.url)),
];

/** Variables for the processes of goodput that tests start: where Node keeps compiled code (`vitest.config.ts`), and no rehearsal. */
export const TEST_ENVIRONMENT: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
  NODE_OPTIONS: NO_REHEARSAL.join(' '),
};
