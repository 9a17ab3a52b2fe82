import { resolveScenario } from '../../src/scenario/resolve.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';

/** A scenario as its file says it. */
export const scenarioOf = (text: string): Scenario =>
  resolveScenario({ file: { path: 'virtual.yaml', text }, env: {}, flags: {} }).resolved.scenario;
