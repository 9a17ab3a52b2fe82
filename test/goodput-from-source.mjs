import { registerHooks } from 'node:module';

/** Lets a program import `goodput` from src/, as it imports the package when that is installed. */
const SOURCES = new Map([
  ['goodput', '../src/index.ts'],
  ['goodput/simulator', '../src/simulator/index.ts'],
]);

registerHooks({
  resolve(specifier, context, next) {
    const source = SOURCES.get(specifier);
    if (source === undefined) return next(specifier, context);
    return { url: new URL(source, import.meta.url).href, shortCircuit: true };
  },
});
