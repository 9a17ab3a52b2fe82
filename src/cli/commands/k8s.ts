import type { CommandSpec } from '../options/command-spec.ts';

export const k8s: CommandSpec = {
  name: 'k8s',
  summary: 'print the Kubernetes manifests of a run with several ranks',
  description:
    'Prints a ConfigMap with the scenario, a headless Service and an Indexed Job, one pod for each rank, to keep, edit and apply with kubectl (docs/scale.md).',
  argument: { form: '<scenario>', help: 'scenario file (YAML)', values: 'file' },
  own: [
    { name: 'ranks', value: 'N', help: 'number of ranks: processes that share the load' },
    { name: 'image', value: 'IMAGE', help: 'container image with goodput (default: goodput:VERSION)' },
    { name: 'name', value: 'NAME', help: 'name of the objects (default: that of the scenario)' },
    { name: 'namespace', value: 'NAME', help: 'namespace of the objects' },
    {
      name: 'pvc',
      value: 'NAME',
      help: 'claim of a shared volume for the run folders (default: each is copied from its pod)',
    },
    { name: 'secret', value: 'NAME', help: 'Secret that holds the keys (default: NAME-keys)' },
  ],
  shared: [],
  after: `The scenario is checked first. Keys are references to a Secret, never values.

Examples:
  $ goodput k8s chat.yaml --ranks 8 --image registry.example/goodput:1.0 > chat-k8s.yaml
  $ kubectl apply --server-side -f chat-k8s.yaml`,
  run: async ({ words: [scenario], own }, io) =>
    (await import('../handlers/k8s.ts')).k8sCommand(scenario!, own, io),
};
