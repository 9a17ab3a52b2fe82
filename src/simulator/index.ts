/** Public API of `goodput/simulator`: a batching engine as a pure function, and an OpenAI-compatible endpoint with known timing. */
export { type BatchingSettings, DEFAULT_BATCHING } from './engine/batching.ts';
export type { CostModel, LinearCost, RooflineCost } from './engine/cost.ts';
export type { Fault, RequestFault, ServerFault } from '../faults.ts';
export { type Preset, PRESETS } from './engine/model-presets.ts';
export type { EndpointSettings } from './server/endpoint-settings.ts';
export {
  simulate,
  type SimulatedRequest,
  type Simulation,
  type SimulationInput,
} from './engine/simulation.ts';
export { startEndpoint, type StartedEndpoint } from './server/start-endpoint.ts';
