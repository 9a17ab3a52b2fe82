/** The public face of `goodput/simulator`: an OpenAI-compatible endpoint whose timing is known. */
export { startEndpoint, type StartedEndpoint } from './start.ts';
export { DEFAULT_SETTINGS, type SimulatorSettings } from './settings.ts';
