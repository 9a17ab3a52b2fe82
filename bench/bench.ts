import type { Random } from '../src/random.ts';

/** How much is measured. */
export interface Bench {
  rounds: number;
  /** Smaller loads: minutes become seconds, spreads wider. */
  quick: boolean;
  /** Also what takes long or much disk. */
  large: boolean;
  random: Random;
  log: (text: string) => void;
}
