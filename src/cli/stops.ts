/** Ctrl-C, a supervisor, a terminal that closes: each lets what goes on end in good order. */
export const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
