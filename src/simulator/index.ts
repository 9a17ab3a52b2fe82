/**
 * The public face of `goodput/simulator`: a batching engine as a pure function, and an OpenAI-compatible endpoint whose
 * timing is known.
 */
export { type BatchingSettings, DEFAULT_BATCHING } from './batching.ts';
export type { CostModel, LinearCost, RooflineCost } from './cost.ts';
export type { Fault, RequestFault, ServerFault } from '../faults.ts';
export { type Preset, PRESETS } from './presets.ts';
export type { EndpointSettings } from './settings.ts';
export { simulate, type SimulatedRequest, type Simulation, type SimulationInput } from './simulate.ts';
export { startEndpoint, type StartedEndpoint } from './start.ts';
