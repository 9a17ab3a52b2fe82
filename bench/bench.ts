import type { Random } from '../src/random.ts';

/** Options that determine how much is measured. */
export interface Bench {
  rounds: number;
  /** Smaller loads: seconds instead of minutes, with larger spreads. */
  quick: boolean;
  /** Include what takes long or needs much disk space. */
  large: boolean;
  /** Real traces to replay. */
  traces: readonly string[];
  random: Random;
  log: (text: string) => void;
}
