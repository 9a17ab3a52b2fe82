import type { Microseconds } from '../../units.ts';

export interface ChoiceProgress {
  computed: number;
  /** Tokens that no event has shown yet, and their text. */
  pending: number;
  text: string;
  events: number;
  /** Instant of the latest token; before the first, of the arrival. */
  last_us: Microseconds;
  /** Instant of the first admission, and of the first token. */
  admitted_us: Microseconds | null;
  first_us: Microseconds;
}

export const startChoice = (arrived_us: Microseconds): ChoiceProgress => ({
  computed: 0,
  pending: 0,
  text: '',
  events: 0,
  last_us: arrived_us,
  admitted_us: null,
  first_us: arrived_us,
});
