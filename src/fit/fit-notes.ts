import { duration } from '../numbers.ts';
import type { Model } from '../machine/model.ts';
import type { Assumed } from './assumptions.ts';
import type { Calibration } from './calibration.ts';
import type { FitRow } from './fit-document.ts';
import { machineText } from './machines.ts';

/** A calibration that misses a median by more than this share does not describe the server. */
const POOR = 0.1;

/** Returns what a reader must know to use the figures. */
export function fitNotes(
  model: Model,
  rows: readonly FitRow[],
  { assumed, calibration, hasSlo }: { assumed: Assumed; calibration: Calibration | null; hasSlo: boolean },
): string[] {
  const notes = [...model.assumptions];
  if (!hasSlo) notes.push('no capacity without an SLO: state it with --slo "ttft<=500ms,tpot<=50ms"');
  const unverified = rows.filter((row) => row.unverified.length > 0);
  if (unverified.length > 0) {
    const texts = unverified.map((row) => `${row.accelerator} (${row.unverified.join(', ')})`);
    notes.push(`unverified figures of the catalogue: ${[...new Set(texts)].join('; ')}`);
  }
  const unknown = rows.filter(({ floors }) => floors.tpot_ms === null);
  for (const row of unknown)
    notes.push(
      `${machineText(row)}: the catalogue has no ${row.precision} rate; state it with peakFlops=… after the name in --hardware`,
    );
  for (const { row, status, reason } of unanswered(rows))
    notes.push(`${machineText(row)}: ${status.replaceAll('_', ' ')}: ${reason}`);
  if (calibration === null) return notes;
  for (const [name, { measured, simulated }] of [
    ['TTFT', calibration.ttft_ms],
    ['TPOT', calibration.tpot_ms],
  ] as const) {
    if (measured === null || simulated === null || Math.abs(simulated / measured - 1) <= POOR) continue;
    notes.push(
      `the engine does not repeat the run: its median ${name} is ${duration(simulated)}, measured ${duration(measured)}; do not rely on the predictions`,
    );
  }
  const several = rows.some(({ count }) => count > 1);
  if (several && assumed.from.mbu === 'run' && calibration.machine.endsWith(':1'))
    notes.push(
      `${calibration.machine} was measured: several devices wait for one another, and reach less than this`,
    );
  return notes;
}

function unanswered(rows: readonly FitRow[]): { row: FitRow; status: string; reason: string }[] {
  return rows.flatMap((row) =>
    row.capacity === null || row.capacity.status === 'estimated'
      ? []
      : [{ row, status: row.capacity.status, reason: row.capacity.reason }],
  );
}
