import type { Bench } from '../bench.ts';
import { command, GOODPUT } from '../command.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved, ratios } from '../rounds.ts';

const COMMANDS: Record<string, { what: string; args: readonly string[] }> = {
  node: { what: 'node with an empty script', args: ['-e', '0'] },
  version: { what: 'goodput --version', args: [GOODPUT, '--version'] },
  help: { what: 'goodput --help', args: [GOODPUT, '--help'] },
  plan: { what: 'goodput plan', args: [GOODPUT, 'plan', '--rate', '5/s', '--requests', '10'] },
};

/** Measures the cost of starting. */
export async function startup(bench: Bench): Promise<SuiteResult> {
  const names = Object.keys(COMMANDS);
  const results = await interleaved({ ...bench, rounds: bench.rounds * 2 }, names, (name) =>
    command(COMMANDS[name]!.args, 30),
  );
  const cpu = (name: string): number[] => results.get(name)!.map(({ cpu_us }) => cpu_us / 1000);
  return {
    suite: 'startup',
    title: 'Start-up',
    how: `One process each, compiled code; ${bench.rounds * 2} rounds in random order; median (min–max).`,
    rows: names.map((name) => ({
      name,
      what: COMMANDS[name]!.what,
      figures: {
        cpu: figure('CPU', 'ms', cpu(name)),
        cpu_vs_node: figure('CPU ÷ node', '', ratios(cpu(name), cpu('node'))),
        wall: figure(
          'time',
          'ms',
          results.get(name)!.map(({ wall_ms }) => wall_ms),
        ),
        rss: figure(
          'RSS, peak',
          'MB',
          results.get(name)!.map(({ rss_peak_kb }) => rss_peak_kb / 1024),
        ),
      },
    })),
    skipped: [],
  };
}
