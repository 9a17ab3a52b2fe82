import type { Axis, SearchWindow, WindowPlan } from '../../src/capacity/search-window.ts';
import type { WindowRunner } from '../../src/capacity/capacity-search.ts';
import { randomStream } from '../../src/random.ts';

/** A server of which the capacity is known: attainment falls with the load as the model has it, requests are independent. */
export interface KnownServer {
  axis?: Axis;
  capacity: number;
  slope: number;
  target?: number;
  e2e_s?: number;
  /** Turns of each session: the load is that of the sessions. */
  turns?: number;
  /** Maximum throughput, per second. */
  throughput?: number;
  /** Above this load the client is late. */
  client?: number;
  /** Attainment instead of the model's; `nth`: how often this load was tested before. */
  attainment?: (load: number, nth: number) => number;
  /** Returns true if other programs compete with goodput for the CPU during this probe. */
  contended?: (plan: WindowPlan, nth: number) => boolean;
}

export const COMPETITION = 'other programs kept 1.6 of 2 processors busy';

/** Carries probes out in no time, by drawing from what the server is known to do. */
export function worldOf(server: KnownServer, seed = 1): WindowRunner & { plans: WindowPlan[] } {
  const {
    axis = 'rate',
    capacity,
    slope,
    target = 0.9,
    e2e_s = 1,
    turns = 1,
    throughput = Infinity,
  } = server;
  const goal = Math.log(target / (1 - target));
  const model = (load: number): number => 1 / (1 + Math.exp(-(goal - slope * Math.log(load / capacity))));
  const plans: WindowPlan[] = [];
  return {
    plans,
    stopped: () => false,
    async carryOut(plan): Promise<SearchWindow> {
      const nth = plans.filter((other) => other.kind !== 'single' && other.level === plan.level).length;
      plans.push(plan);
      const { number, kind, level, warmup_s, window_s } = plan;
      const random = randomStream(seed, 'known server', plan.seed);
      const single = kind === 'single';
      const rate = single ? 1 / e2e_s : axis === 'rate' ? level : level / e2e_s;
      const n = single ? 5 : Math.max(1, Math.round(rate * window_s));
      const p = single ? 1 : (server.attainment ?? model)(level, nth);
      let good = 0;
      for (let k = 0; k < n; k++) if (random.uniform() < p) good++;
      const completed = Math.min(rate, throughput);
      return {
        number,
        kind,
        level,
        seed: plan.seed,
        ended: kind === 'bracket' && good < n / 2 ? 'aborted' : 'full',
        void: !single && level > (server.client ?? Infinity) ? 'goodput was late' : null,
        contended: !single && (server.contended?.(plan, nth) ?? false) ? COMPETITION : null,
        suspect: null,
        run: null,
        warmup_s,
        window_s,
        took_s: warmup_s + window_s + e2e_s,
        sent: Math.round(rate * (warmup_s + window_s)) * turns,
        sessions: Math.round(rate * (warmup_s + window_s)),
        n,
        good,
        design: good === n || good === 0 ? null : 1,
        e2e_s,
        completed_rps: completed,
        growth_rps: rate - completed,
        missed: good === n ? {} : { ttft: n - good },
      };
    },
  };
}
