/**
 * How the verdict that a command prints relates to the exit code of its process. Absent: the command exits by the verdict.
 * `command`: the command exits with `code`, which another verdict or a failure has decided. `run`: the command shows a recorded run,
 * which exited with `code`. `none`: no process exits by the verdict.
 */
export type Exits =
  | { of: 'command'; code: number; because?: string }
  | { of: 'run'; code: number }
  | { of: 'none' };

/**
 * Returns the words that follow every printed verdict: ` (exit 99)` only if the process that prints it exits with 99; for a recorded run
 * ` (the run exited 99)`.
 */
export function exitWords({ exitCode }: { exitCode: number }, exits?: Exits): string {
  if (exits === undefined) return ` (exit ${exitCode})`;
  if (exits.of === 'none') return '';
  if (exits.of === 'run') return ` (the run exited ${exits.code})`;
  if (exits.because !== undefined) return ` (exit ${exits.code}, because ${exits.because})`;
  return exits.code === exitCode ? ` (exit ${exitCode})` : ` (on its own: exit ${exitCode})`;
}

/** Returns the verdict with the exit code of the process, if a failure of goodput decides that. */
export const exitingAs = <V extends { exitCode: number }>(verdict: V, exits: Exits): V =>
  exits.of === 'command' && exits.because !== undefined ? { ...verdict, exitCode: exits.code } : verdict;
