import type { TestContext } from 'vitest';

/** Makes what several tests of a file read, once for all; a test that is retried gets one of its own. */
export function shared<T>(make: () => Promise<T>): (context: TestContext) => Promise<T> {
  let made: Promise<T> | undefined;
  return ({ task }) => ((task.result?.retryCount ?? 0) > 0 ? make() : (made ??= make()));
}
