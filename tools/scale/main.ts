/**
 * `npm run test:scale`: runs what `goodput k8s`, `goodput slurm` and the Containerfile say, with the real schedulers on this machine.
 *
 * Not part of `npm test`: see NOTES.md for what it needs. Arguments choose parts (`npm run test:scale -- slurm`).
 */
import { mkdir } from 'node:fs/promises';
import type { Check } from '../real/check.ts';
import { checkImage } from './image.ts';
import { checkSlurm } from './slurm.ts';
import { checkKubernetes } from './kubernetes.ts';
import { RUNS } from './paths.ts';

const PARTS: Readonly<Record<string, () => Promise<Check[]>>> = {
  image: checkImage,
  slurm: checkSlurm,
  kubernetes: checkKubernetes,
};

const wanted = process.argv.slice(2).filter((word) => word in PARTS);
await mkdir(RUNS, { recursive: true });
const totals = { passed: 0, failed: 0 };
for (const part of wanted.length === 0 ? Object.keys(PARTS) : wanted) {
  const checks = await PARTS[part]!().catch((cause: unknown) => [
    { name: 'it can be checked', ok: false, detail: cause instanceof Error ? cause.message : String(cause) },
  ]);
  for (const { name, ok, detail } of checks) {
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${part}: ${name} (${detail})`);
    totals[ok ? 'passed' : 'failed']++;
  }
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;
