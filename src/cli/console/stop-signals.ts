/** Ctrl-C, a request of a supervisor, and a terminal that closes. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `listener` for every signal that asks the process to stop, instead of ending the process.
 * @returns a function that removes the handlers
 */
export function onStopSignals(listener: () => void): () => void {
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}

/** Resolves at the first stop signal; the second one ends the process. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const removeHandlers = onStopSignals(() => {
      removeHandlers();
      resolve();
    });
  });
}
