/** The variable that tells Node where to keep compiled code between the processes of all tests; `vitest.config.ts` sets it. */
export const COMPILE_CACHE = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name === 'NODE_COMPILE_CACHE'),
);
