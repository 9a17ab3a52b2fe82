import { expect, test } from 'vitest';
import { EXIT, GoodputError } from '../../src/errors.ts';
import { randomStream } from '../../src/random.ts';
import { FILE, inOrder, marked, mistakes, resolve } from './resolving.ts';

/** A text with a mark where the mistake is, and what follows `file:line:column: `: the path and the key parts of the message. */
const ONE_MISTAKE: readonly [string, string][] = [
  // Confidence.
  [
    'load: { stages: [{ from: 1/s, to: 9/s, for: 60s }] }\ngates: [error_rate <= 1%, ¦attainment >= 90% with 95% confidence]',
    'gates[1]: … confidence … load.stages',
  ],
  ['gates: [attainment >= 90% ¦with 95 confidence]', 'gates[0]: … confidence … did you mean 95%?'],
  // Keys.
  ['¦lod: { rate: 5/s }', 'lod: unknown key … did you mean load?'],
  ['load:\n  ¦durration: 5s', 'load.durration: unknown key … did you mean duration?'],
  ['seed: 1\n¦rate: 5/s', 'rate: unknown key … did you mean load.rate?'],
  ['endpoint: { ¦ulr: http://h/v1 }', 'endpoint.ulr: unknown key … did you mean url?'],
  [
    'endpoint:\n  url: http://h/v1\n  timeouts:\n    ¦first_token: 1s',
    'endpoint.timeouts.first_token: unknown key … did you mean firstToken?',
  ],
  ['workload:\n  input: { ¦token: 5 }', 'workload.input.token: unknown key … did you mean tokens?'],
  [
    '¦endpoint: { api: chat }',
    'endpoint.url: is missing … expected a base URL, like http://127.0.0.1:8000/v1, or the word simulated',
  ],
  // Transport.
  [
    'endpoint: { url: https://h/v1, tls: { ¦cert: c.pem } }',
    'endpoint.tls.cert: … missing … endpoint.tls.key (--key)',
  ],
  [
    'endpoint:\n  url: https://h/v1\n  tls:\n    cert: c.pem\n    key: ¦"-----BEGIN PRIVATE KEY-----"',
    'endpoint.tls.key: … hidden … PEM file',
  ],
  [
    'endpoint: { url: http://h/v1, proxy: ¦socks5://me:secret@p:1080 }',
    'endpoint.proxy: … socks5 … http … https … proxy',
  ],
  [
    'endpoint: { url: http://h/v1, proxy: ¦p.local:3128 }',
    'endpoint.proxy: got "p.local:3128" … expected the URL of a proxy, like http://proxy.example.com:3128, or none … did you mean http://p.local:3128?',
  ],
  [
    'endpoint: { url: http://h/v1, resolve: ["h:80:10.0.0.1", ¦"h:80"] }',
    'endpoint.resolve[1]: got "h:80" … expected host:port:address, like llm.example.com:443:10.0.0.7',
  ],
  [
    'endpoint: { url: http://h/v1, resolve: ¦"h:80:10.0.0.300" }',
    'endpoint.resolve: … IPv4 or IPv6 … 10.0.0.300 … host:port:address',
  ],
  [
    'endpoint: { url: http://h/v1, unixSocket: /s, ¦proxy: http://p:1 }',
    'endpoint.proxy: … cannot be combined with endpoint.unixSocket',
  ],
  [
    'endpoint: { url: simulated, ¦unixSocket: /s }',
    'endpoint.unixSocket: … only valid with … url … simulated',
  ],
  [
    'endpoint: { url: http://h/v1, replicas: [http://i/v1, ¦http://me:secret@j/v1] }',
    'endpoint.replicas[1]: … user … password … base URL',
  ],
  // Excessive sizes.
  [
    'load: { requests: ¦99999999999 }',
    'load.requests: got 99999999999 … expected a whole number of at most 20000000',
  ],
  ['load: { rate: ¦100000/s, duration: 2h }', 'load.rate: … at most 20000000 requests'],
  [
    'workload: { input: { tokens: ¦99999999999 } }',
    'workload.input.tokens: got 99999999999 … expected a whole number of at most 10000000',
  ],
  // Comparisons.
  ['tolerance: ¦5', 'tolerance: got 5 … expected a share above 0 and below 100%, like 5% … did you mean 5%?'],
  ['tolerance: ¦"100%"', 'tolerance: got "100%" … expected a share above 0 and below 100%, like 5%'],
  ['tolerance: ¦little', 'tolerance: got "little" … expected a share, like 90% or 0.9'],
  ['failOn: ¦wors', 'failOn: got "wors" … expected one of worse, inconclusive, never … did you mean worse?'],
  ['¦fail-on: worse', 'fail-on: unknown key … did you mean failOn?'],
  ['decide: [attainment, ¦ttft p99]', 'decide[1]: … ttft p99 … p95'],
  ['decide: [attainment, ¦attainment]', 'decide[1]: … attainment'],
  ['decide: [¦3]', 'decide[0]: got 3 … expected a figure as text, like ttft p95'],
  ['decide: ¦{ ttft: p95 }', 'decide: got a map … expected a list of figures, like [ttft p95, attainment]'],
  ['decide: ¦[attainment, ttft p50, ttft p90, ttft p95, e2e p95]', 'decide: … 5 figures … at most 4'],
  // Durations.
  [
    'load: { duration: ¦60 }',
    'load.duration: got 60 … expected a duration with its unit, like 200ms, 1.5s or 2m … did you mean 60ms or 60s?',
  ],
  [
    'load:\n  warmup: ¦"10"',
    'load.warmup: got "10" … expected a duration with its unit, like 200ms, 1.5s or 2m … did you mean 10ms or 10s?',
  ],
  ['load:\n  warmup: ¦-1s', 'load.warmup: got "-1s" … expected a duration of at least 0s'],
  ['load:\n  duration: ¦0s', 'load.duration: got "0s" … expected a duration above 0s'],
  ['load:\n  drain: ¦1000h', 'load.drain: got "1000h" … expected a duration of at most 576h'],
  [
    'endpoint: { url: simulated, timeouts: { idle: ¦0 } }',
    'endpoint.timeouts.idle: got 0 … expected a duration above 0s',
  ],
  // Rates and counts.
  ['load: { rate: ¦5/fortnight }', 'load.rate: got "5/fortnight" … expected a rate, like 5/s or 300/min'],
  ['load: { rate: ¦0 }', 'load.rate: got 0 … expected a rate above 0/s'],
  ['load: { rate: ¦-3/s }', 'load.rate: got "-3/s" … expected a rate above 0/s'],
  ['load: { rate: ¦.nan }', 'load.rate: got NaN … expected a rate, like 5/s or 300/min'],
  ['load: { concurrency: ¦0 }', 'load.concurrency: got 0 … expected a whole number of at least 1'],
  ['load: { concurrency: ¦1.5 }', 'load.concurrency: got 1.5 … expected a whole number of at least 1'],
  ['load: { requests: ¦many }', 'load.requests: got "many" … expected a count, like 500 or 10k'],
  ['seed: ¦-1', 'seed: got -1 … expected a whole number of at least 0'],
  [
    'load: { maxConcurrency: ¦200k }',
    'load.maxConcurrency: got "200k" … expected a whole number of at most 100000',
  ],
  // Words and texts.
  [
    'endpoint: { url: simulated, api: ¦caht }',
    'endpoint.api: got "caht" … expected one of chat, completions, responses, messages … did you mean chat?',
  ],
  [
    'load: { arrivals: ¦possion }',
    'load.arrivals: got "possion" … expected one of constant, poisson, gamma … did you mean poisson?',
  ],
  ['name: ¦2024', 'name: got 2024 … … folder name of at most 100 characters … did you mean "2024"?'],
  ['name: ¦a/b', 'name: got "a/b" … … folder name of at most 100 characters'],
  ['name: ¦..', 'name: got ".." … … folder name of at most 100 characters'],
  ['run: { probe: ¦yes }', 'run.probe: got "yes" … expected true or false'],
  ['load: ¦5', 'load: got 5 … expected a map with rate, stages or concurrency'],
  ['run: ¦[1, 2]', 'run: got a list … expected a map of settings'],
  // URLs.
  [
    'endpoint: { url: ¦"localhost:8000/v1" }',
    'endpoint.url: got "localhost:8000/v1" … expected a base URL, like http://127.0.0.1:8000/v1, or the word simulated … did you mean http://localhost:8000/v1?',
  ],
  ['endpoint: { url: ¦"127.0.0.1:8000" }', 'endpoint.url: … did you mean http://127.0.0.1:8000/v1?'],
  [
    'endpoint: { url: ¦127.0.0.1:8000/openai/v1 }',
    'endpoint.url: … did you mean http://127.0.0.1:8000/openai/v1?',
  ],
  ['endpoint: { url: ¦api.example.com }', 'endpoint.url: … did you mean https://api.example.com/v1?'],
  ['endpoint: { url: ¦simulatd }', 'endpoint.url: … did you mean simulated?'],
  ['endpoint: { url: ¦ftp://h/v1 }', 'endpoint.url: … ftp … http … https … simulated'],
  ['endpoint: { url: ¦"http://h:99999/v1" }', 'endpoint.url: … URL … simulated'],
  ['endpoint: { url: ¦http://h/v1/chat/completions }', 'endpoint.url: … /chat/completions … base URL … /v1'],
  ['endpoint: ¦remote', 'endpoint: got "remote" … expected the word simulated, or a map with at least a url'],
  // Headers and bodies.
  ['endpoint: { url: simulated, headers: { ¦"x y": 1 } }', 'endpoint.headers.x y: … HTTP header … x-tenant'],
  ['endpoint: { url: simulated, headers: { x-a: 1, ¦X-A: 2 } }', 'endpoint.headers.X-A: duplicate header'],
  ['endpoint: { url: simulated, headers: { x-a: ¦[1] } }', 'endpoint.headers.x-a: … hidden … expected text'],
  [
    'endpoint: { url: simulated, headers: { ¦Host: h } }',
    'endpoint.headers.Host: … goodput sets this header',
  ],
  [
    'endpoint: { url: simulated, body: { ¦stream: false } }',
    'endpoint.body.stream: … goodput sets this key … stream',
  ],
  // Lengths.
  [
    'workload: { output: ¦lognorm:5,3 }',
    'workload.output: unknown distribution … expected one of constant, uniform, normal, lognormal, exponential … did you mean lognormal?',
  ],
  [
    'workload: { input: { distribution: ¦lognorm, mean: 5, stddev: 1 } }',
    'workload.input.distribution: got "lognorm" … expected one of constant, uniform, normal, lognormal, exponential … did you mean lognormal?',
  ],
  [
    'workload: { ¦input: { distribution: normal, mean: 5 } }',
    'workload.input.stddev: … missing … normal … mean and stddev … min and max',
  ],
  [
    'workload: { input: { distribution: uniform, min: 1, max: 2, ¦mean: 2 } }',
    'workload.input.mean: … uniform … min and max',
  ],
  [
    'workload: { input: { distribution: uniform, min: ¦5, max: 2 } }',
    'workload.input.min: got 5 … expected at most max, which is 2',
  ],
  [
    'workload: { input: { distribution: exponential, mean: ¦9, max: 8 } }',
    'workload.input.mean: got 9 … expected at most max, which is 8',
  ],
  [
    'workload: { input: { distribution: normal, mean: ¦9, stddev: 1, min: 10 } }',
    'workload.input.mean: got 9 … expected at least min, which is 10',
  ],
  [
    'workload: { input: ¦{ mean: 5, stddev: 1 } }',
    'workload.input: … distribution … uniform, normal, lognormal, exponential',
  ],
  [
    'workload: { input: { tokens: ¦0 } }',
    'workload.input.tokens: got 0 … expected a whole number of at least 1',
  ],
  [
    'workload: { input: ¦0 }',
    'workload.input: got 0 … expected a length in tokens, like 512, uniform:100-200 or lognormal:512,200 (mean, stddev)',
  ],
  [
    'workload: { ¦prefix: { groups: 2 } }',
    'workload.prefix.tokens: is missing … expected a count, like 500 or 10k',
  ],
  ['workload: { input: 500, prefix: { tokens: ¦500 } }', 'workload.prefix.tokens: … 500 tokens'],
  // Exclusive keys.
  [
    'load:\n  rate: 5/s\n  ¦concurrency: 2',
    'load.concurrency: … cannot be combined with load.rate … stages … concurrency',
  ],
  ['load: { ¦requests: 5, duration: 5s }', 'load.requests: … cannot be combined with load.duration'],
  [
    'load: { concurrency: 5, ¦maxConcurrency: 9 }',
    'load.maxConcurrency: … only valid with load.rate or load.stages',
  ],
  [
    'load: { ¦arrivals: constant, concurrency: 5 }',
    'load.arrivals: … only valid with load.rate or load.stages',
  ],
  [
    'workload: { data: { file: p, format: ¦sharegtp } }',
    'workload.data.format: got "sharegtp" … expected one of goodput … did you mean sharegpt?',
  ],
  [
    'workload: { ¦data: { order: file } }',
    'workload.data.file: is missing … expected the path of a data set',
  ],
  [
    'workload: { data: { file: p, ¦format: custom } }',
    'workload.data.format: custom needs the names of columns … workload.data.columns',
  ],
  [
    'workload: { data: { file: p, columns: ¦{ promt: q } } }',
    'workload.data.columns: unknown key "promt"; did you mean "prompt"?',
  ],
  [
    'workload: { data: { file: p, format: alpaca, ¦columns: { prompt: q } } }',
    'workload.data.columns: is only valid with the format custom',
  ],
  ['workload: { data: p, ¦input: 5 }', 'workload.input: … cannot be combined with workload.data'],
  [
    'workload: { data: p, ¦sessions: { turns: 2 } }',
    'workload.sessions: … cannot be combined with workload.data',
  ],
  ['workload: { data: { file: p, think: ¦5 } }', 'workload.data.think: got 5 … expected a duration, like 5s'],
  [
    'workload: { data: { file: p, ¦think: { distribution: normal, mean: 5s } } }',
    'workload.data.think.stddev: is missing: a normal duration takes mean and stddev',
  ],
  [
    'workload: { data: { file: p, think: { distribution: uniform, min: ¦9s, max: 1s } } }',
    'workload.data.think.min: … expected at most max, which is 1s',
  ],
  ['load: { ¦arrivals: trace }', 'load.arrivals: trace needs a data set … workload.data'],
  ['load: { ¦speed: 2 }', 'load.speed: is only valid with load.arrivals: trace'],
  [
    'workload: { data: p }\nload: { arrivals: trace, ¦stages: [{ at: 1/s, for: 5s }] }',
    'load.stages: cannot be combined with a trace',
  ],
  [
    'workload: { data: p }\nload: { arrivals: trace, burstiness: ¦2 }',
    'load.burstiness: has no effect on trace arrivals … gamma',
  ],
  [
    'workload: { data: p }\nload: { arrivals: trace, speed: 2, ¦rate: 5/s }',
    'load.rate: cannot be combined with load.speed … one of them',
  ],
  [
    'workload: { data: { file: p, ¦order: shuffle } }\nload: { arrivals: trace }',
    'workload.data.order: cannot be combined with load.arrivals: trace',
  ],
  [
    'workload: { data: { file: p, ¦cycle: true } }\nload: { arrivals: trace }',
    'workload.data.cycle: repeats the trace without end … load.duration',
  ],
  ['workload: { data: p }\nload: { arrivals: trace, speed: ¦0 }', 'load.speed: got 0 … above 0'],
  ['load: { requests: 5, ¦sessions: 5 }', 'load.sessions: cannot be combined with load.requests'],
  [
    'load: { ¦requests: 5 }\nworkload: { sessions: { turns: 3 } }',
    'load.requests: cannot count the sessions of an open loop … load.sessions',
  ],
  [
    'endpoint: { url: simulated, models: ¦{ a: 50%, b: 40% } }',
    'endpoint.models: the shares add up to 90% … 100%',
  ],
  [
    'endpoint: { url: simulated, models: { a: ¦0, b: 100% } }',
    'endpoint.models.a: … expected a share above 0',
  ],
  [
    'endpoint: { url: simulated, model: a, ¦models: { b: 100% } }',
    'endpoint.models: cannot be combined with endpoint.model',
  ],
  ['workload: { prompts: p.jsonl, ¦input: 5 }', 'workload.input: … cannot be combined with workload.prompts'],
  [
    'workload: { prompts: p.jsonl, ¦prefix: { tokens: 5 } }',
    'workload.prefix: … cannot be combined with workload.prompts',
  ],
  [
    'endpoint: { url: http://h/v1 }\n¦simulator: { preset: tiny }',
    'simulator: … only valid with endpoint: simulated',
  ],
  [
    'endpoint: { url: simulated, timeouts: { firstToken: ¦2m, total: 1m } }',
    'endpoint.timeouts.firstToken: … longer than timeouts.total … at most the total',
  ],
  ['endpoint: { url: ¦"http://u:p@h/v1", apiKey: abc }', 'endpoint.url: … user or password … credential'],
  [
    'endpoint: { url: http://h/v1, api: responses, body: { ¦input: Hello } }',
    'endpoint.body.input: … goodput sets this key … workload',
  ],
  // Arrivals and stages.
  ['load: { arrivals: ¦gamma }', 'load.arrivals: … gamma … burstiness … load.burstiness (--burstiness)'],
  ['load: { rate: 1/s, burstiness: ¦2 }', 'load.burstiness: … poisson … arrivals: gamma'],
  [
    'load: { arrivals: gamma, burstiness: ¦0 }',
    'load.burstiness: got 0 … expected a number of at least 0.01',
  ],
  ['load: { concurrency: 5, ¦burstiness: 2 }', 'load.burstiness: … only valid with load.rate or load.stages'],
  [
    'load: { stages: ¦[] }',
    'load.stages: got a list … expected a list of stages, like [{ from: 1/s, to: 20/s, for: 60s }, { at: 20/s, for: 60s }]',
  ],
  [
    'load: { stages: [{ at: 1/s, for: 5s }, ¦{ from: 1/s, for: 5s }] }',
    'load.stages[1]: … stage … from and to … at',
  ],
  ['load: { stages: [¦{ at: 1/s, to: 2/s, for: 5s }] }', 'load.stages[0]: … stage … from and to … at'],
  [
    'load: { stages: [{ at: 1/s, ¦fro: 5s, for: 5s }] }',
    'load.stages[0].fro: unknown key … did you mean from?',
  ],
  [
    'load: { stages: [{ at: ¦-1/s, for: 5s }] }',
    'load.stages[0].at: got "-1/s" … expected a rate of at least 0/s',
  ],
  ['load: { stages: ¦[{ at: 0/s, for: 5s }] }', 'load.stages: … no stage … above 0'],
  [
    'load: { stages: ¦[{ at: 1/s, for: 300h }, { at: 1/s, for: 300h }] }',
    'load.stages: … too long … at most 576h',
  ],
  [
    'load: { rate: 1/s, ¦stages: [{ at: 1/s, for: 5s }] }',
    'load.stages: … cannot be combined with load.rate … stages … concurrency',
  ],
  [
    'load: { ¦duration: 5s, stages: [{ at: 1/s, for: 5s }] }',
    'load.duration: … cannot be combined with load.stages',
  ],
  [
    'load: { ¦requests: 5, stages: [{ at: 1/s, for: 5s }] }',
    'load.requests: … cannot be combined with load.stages',
  ],
  [
    'run: { workers: ¦atuo }',
    'run.workers: got "atuo" … expected a count, like 500 or 10k … did you mean auto?',
  ],
  ['run: { workers: ¦0 }', 'run.workers: got 0 … expected auto or a whole number of at least 1'],
  // The simulated engine.
  ['simulator: { ¦presset: tiny }', 'simulator.presset: unknown key … did you mean preset?'],
  [
    'simulator: { engine: { ¦maxNumSeq: 5 } }',
    'simulator.engine.maxNumSeq: unknown key … did you mean maxNumSeqs?',
  ],
  [
    'simulator: { engine: { maxNumSeqs: ¦0 } }',
    'simulator.engine.maxNumSeqs: got 0 … expected a whole number of at least 1',
  ],
  [
    'simulator: { cost: { kind: linear, base: 5, ¦prefillTokens: 1 } }',
    'simulator.cost.prefillTokens: unknown key … did you mean prefillToken?',
  ],
  ['simulator: { preset: tiny, cost: { ¦mfu: 0.5 } }', 'simulator.cost.mfu: … linear … tiny'],
  ['simulator: { cost: { kind: linear, base: 1, ¦gpus: 2 } }', 'simulator.cost.gpus: … linear'],
  [
    'simulator: { ¦cost: { kind: linear, decodeSequence: 1 } }',
    'simulator.cost: … base … prefillToken … above 0',
  ],
  [
    'simulator: { ¦cost: { kind: roofline, params: 1, weightBytes: 2 } }',
    'simulator.cost: … peakFlops, peakBandwidth … preset',
  ],
  [
    'simulator: { ¦cost: { kind: roofline, params: 1, peakFlops: 1, peakBandwidth: 1 } }',
    'simulator.cost: … weightBytes … denseBytes, expertBytes, experts, expertsPerToken',
  ],
  [
    'simulator: { ¦cost: { kind: roofline, params: 1, peakFlops: 1, peakBandwidth: 1, experts: 4, expertBytes: 3 } }',
    'simulator.cost: … denseBytes, expertsPerToken … mixture of experts',
  ],
  [
    'simulator: { cost: { experts: 4, expertsPerToken: ¦5 } }',
    'simulator.cost.expertsPerToken: got 5 … expected at most the 4 experts',
  ],
  ['simulator: { ¦cost: { weightBytes: 4, denseBytes: 5 } }', 'simulator.cost: … weightBytes … denseBytes'],
  ['simulator: { cost: { mbu: ¦1.5 } }', 'simulator.cost.mbu: got 1.5 … expected a number of at most 1'],
  ['simulator: { cost: { mfu: ¦0 } }', 'simulator.cost.mfu: got 0 … expected a number above 0'],
  [
    'simulator: { dialect: ¦vlm }',
    'simulator.dialect: got "vlm" … expected one of openai, vllm, reasoning, hidden-reasoning, bundled … did you mean vllm?',
  ],
  [
    'simulator: { faults: ¦{} }',
    'simulator.faults: got a map … expected a list of faults, like [reset after=3 share=5%, stall at=10s for=500ms]',
  ],
  ['simulator: { faults: [503, ¦rest] }', 'simulator.faults[1]: … "rest" … did you mean reset?'],
  ['simulator: { faults: [reset ¦afer=3 share=5%] }', 'simulator.faults[0]: … "afer" … did you mean after?'],
  ['simulator: { faults: ["429 share=1% ¦share=2%"] }', 'simulator.faults[0]: … duplicate … share'],
  [
    'simulator: { faults: ["hang ¦share=150%"] }',
    'simulator.faults[0]: share is "150%" … expected a share above 0, at most 100%',
  ],
  [
    'simulator: { faults: ["stall ¦at=1000h for=1s"] }',
    'simulator.faults[0]: at is "1000h" … expected a duration of at most 576h',
  ],
  [
    'simulator: { faults: ["slow-headers ¦for=2"] }',
    'simulator.faults[0]: for is "2" … expected a duration above 0 of at most 576h',
  ],
  [
    'simulator: { faults: ["¦stall at=10s"] }',
    'simulator.faults[0]: … stall … for … "stall at=10s for=500ms"',
  ],
  [
    'simulator: { faults: ["¦refuse at=10s for=5s every=5s"] }',
    'simulator.faults[0]: … every= longer than for=',
  ],
  ['simulator: { faults: ["¦hang from=10s until=10s"] }', 'simulator.faults[0]: … until … from … later'],
  // Lists outside a sweep.
  ['load: { rate: ¦[1/s, 2/s] }', 'load.rate: … list … goodput sweep … sweep.rate … one rate'],
  // References.
  ['endpoint: { url: simulated, apiKey: "¦${NOT_THERE}" }', 'endpoint.apiKey: … NOT_THERE is not set'],
  [
    'endpoint:\n  url: simulated\n  headers:\n    x-a: a b ¦${NOT_THERE}',
    'endpoint.headers.x-a: … NOT_THERE is not set',
  ],
  ['name: "x¦${a-b}"', 'name: … reference … ${NAME}'],
];

test.each(ONE_MISTAKE)('%s', (written, parts) => {
  const { text, places } = marked(written);
  const lines = mistakes(text);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(inOrder(`${FILE}:${places[0]}: ${parts}`));
});

/** The grammar of conditions words these mistakes: only location and key parts are asserted. */
const CONDITIONS: readonly [string, RegExp][] = [
  ['slo: { ttft: ¦200 }', /: slo\.ttft: .*unit/],
  ['slo: { ttft: 200ms, ¦tpto: 1s }', /: slo\.tpto: .*did you mean tpot/],
  ['slo: { ¦itl: 30ms }', /: slo\.itl: .*pooled/],
  ['slo: ttft<=200ms, ¦tpto<=1s', /: slo: .*did you mean tpot/],
  ['slo: "ttft<=200ms, tpot<=¦5"', /: slo: .*unit/],
  ['slo: ¦[ttft]', /: slo: got a list; expected a map/],
  ['gates: ¦{ attainment: 5 }', /: gates: got a map; expected a list/],
  ['gates:\n  - attainment >= 90%\n  - ttft p99 <= ¦40%', /: gates\[1\]: wrong unit/],
  ["gates: ['attainment >= ¦110%']", /: gates\[0\]: .*cannot pass 100%/],
  ['gates: [¦7]', /: gates\[0\]: got 7; expected a condition as text/],
];

test.each(CONDITIONS)('%s', (written, gist) => {
  const { text, places } = marked(written);
  const lines = mistakes(text);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(gist);
  expect(lines[0]!.startsWith(`${FILE}:${places[0]}: `), `${lines[0]} at ${places[0]}`).toBe(true);
});

test('mistakes of flags and variables name them', () => {
  const flags = {
    rate: 'fast',
    header: ['nonsense'],
    body: ['=1'],
    'api-key-env': 'sk-not-a-name',
    slo: ['ttft<=5'],
  };
  const lines = mistakes(null, flags, { GOODPUT_WARMUP: '10', GOODPUT_BODY: 'stream=false' });
  const expected = [
    '--api-key-env: … NAME of an environment variable … never the key itself',
    '--header: … "Name: value" or name=value',
    '--body: … key=value or a JSON object',
    'GOODPUT_BODY: endpoint.body.stream: goodput sets this key',
    '--rate: got "fast" … expected a rate, like 5/s or 300/min',
    'GOODPUT_WARMUP: got "10" … did you mean 10ms or 10s?',
    '--slo: … 5ms or 5s',
  ];
  expect(lines).toHaveLength(expected.length);
  for (const [at, parts] of expected.entries()) expect(lines[at]).toMatch(inOrder(parts));
});

test('two flags that exclude each other', () => {
  const lines = mistakes(null, { rate: '5/s', concurrency: '4' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    inOrder('--concurrency: cannot be combined with load.rate … stages … concurrency'),
  );
});

test('one error of kind usage, exit 104', () => {
  expect(() => resolve('lod: 1')).toThrow(GoodputError);
  try {
    resolve('lod: 1');
  } catch (error) {
    expect(error).toMatchObject({ kind: 'usage', exitCode: EXIT.usage });
  }
});

test('any set of mistakes is reported at once, in the order of the file', () => {
  // Independent of each other, one per line, so that any subset in any order is a file.
  const pool: readonly string[] = [
    'zeed: 1',
    'seed: -4',
    'name: a/b',
    'endpoint: { url: ftp://h/v1, api: chta }',
    'simulator: { engin: {} }',
    'workload: { input: { tokens: none }, otput: 5 }',
    'load: { rate: 5/x, warmup: 10, stages: [] }',
    'slo: { tpto: 5ms, ttft: 200 }',
    'gates: [ttft p99 <= 4%, attainment >= 110%]',
    'run: { workers: 0, probe: perhaps }',
  ];
  // The number of mistakes per line; a simulator combined with a URL adds one.
  const made = [1, 1, 1, 2, 1, 2, 4, 2, 2, 2];
  const random = randomStream(7, 'mistakes');
  for (let round = 0; round < 300; round++) {
    const picked = pool.map((_, at) => at).filter(() => random.uniform() < 0.5);
    picked.sort(() => random.uniform() - 0.5);
    if (picked.length === 0) continue;
    const lines = mistakes(picked.map((at) => pool[at]).join('\n'));
    const both = picked.includes(3) && picked.includes(4) ? 1 : 0;
    const perLine = picked.map((at) => made[at]! + (at === 4 ? both : 0));
    const numbers = lines.map((line) => Number(/^some\/chat\.yaml:(\d+):\d+: /.exec(line)![1]));
    expect(numbers).toEqual(perLine.flatMap((count, row) => Array.from({ length: count }, () => row + 1)));
  }
});
