import {
  boolean,
  type Definition,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  recordOf,
  string,
} from '../document/definition.ts';
import { metricNamed } from '../metrics/registry.ts';
import { HOST_HEALTH, MAIN_HEALTH, WORKER_HEALTH } from '../record/run-json.ts';
import { LOCAL_LIMITS, TOKEN_SOURCES } from '../sample.ts';
import { FINDING_CODES } from '../verdict/findings.ts';
import { VALIDITY_RULES } from '../verdict/rules.ts';
import type { Summary } from '../verdict/summary.ts';
import { codesIn, PER_EVENT } from './common.ts';

type Audit = Summary['audit'];
type Steady = NonNullable<Audit['steady']>;
type GateResult = Summary['verdict']['gates'][number];

const milliseconds = (text: string): Definition<number | null> =>
  nullable(number(`${text}, in milliseconds.`));

const half = (description: string) =>
  object<Steady['first']>(
    {
      rps: number('Successes completed, per second.'),
      ttft_ms: milliseconds('Mean time to first token'),
      in_flight: number('Mean number of requests in flight or waiting.'),
    },
    description,
  );

const STEADY = object<Steady>(
  {
    state: oneOf(['steady', 'filling', 'overloaded', 'drifting'], 'State of the window.'),
    ok: boolean('The state is `steady`.'),
    overload: boolean('The state is `overloaded`.'),
    offered_rps: nullable(number('Requests per second offered; only if overloaded.')),
    completed_rps: nullable(number('Requests per second completed; only if overloaded.')),
    warmup_needed_s: nullable(number('Warm-up that is enough, in seconds; only while filling.')),
    first: half('First half of the window.'),
    second: half('Second half of the window.'),
    detail: string('The halves in words.'),
  },
  'Whether the window is a steady state; `null`: too few requests, or the plan changes the rate.',
);

/** The self-audit of a run. */
export const AUDIT = object<Audit>(
  {
    status: oneOf(['valid', 'suspect', 'invalid'], 'Whether the measurement can be trusted.'),
    reasons: list(string('A reason with its advice.'), 'Why it is not valid, the most serious first.'),
    reason_codes: codesIn(
      VALIDITY_RULES.map(({ name }) => name),
      'reasons',
    ),
    not_checked: optional(
      list(string('Name of a rule.'), 'Rules that could not be checked; only of an imported run.'),
    ),
    send_lag_p50_ms: milliseconds('Median send lag of goodput'),
    send_lag_p99_ms: milliseconds('99th percentile of the send lag'),
    send_lag_max_ms: milliseconds('Largest send lag'),
    dispatch_lag_p50_ms: milliseconds('Median lag from the planned instant to the send'),
    dispatch_lag_p99_ms: milliseconds('99th percentile of the dispatch lag'),
    dispatch_lag_max_ms: milliseconds('Largest dispatch lag'),
    connect_p50_ms: milliseconds('Median time to open a connection'),
    connect_p99_ms: milliseconds('99th percentile of the time to open a connection'),
    connect_max_ms: milliseconds('Longest time to open a connection'),
    connections_opened: number('Requests of the cohort that opened a connection.'),
    event_loop_delay_p50_ms: milliseconds('Median delay of events because a load worker was blocked'),
    event_loop_delay_p95_ms: milliseconds('95th percentile of this delay'),
    event_loop_delay_p99_ms: milliseconds('99th percentile of this delay'),
    stamp_delay_p99_ms: milliseconds('How late a load worker stamps events, at the 99th percentile'),
    event_loop_delay_max_ms: milliseconds('Longest delay of the event loop of a load worker'),
    event_loop_utilization: nullable(number('Busy share of the event loop of a load worker, 0 to 1.')),
    gc_pauses_ms: milliseconds('Sum of the pauses for garbage collection'),
    gc_pause_max_ms: milliseconds('Longest pause for garbage collection'),
    cpu_user_share: nullable(number('Processor time in user mode ÷ the window: 1 is one processor.')),
    cpu_system_share: nullable(number('Processor time in system mode ÷ the window: 1 is one processor.')),
    workers: list(WORKER_HEALTH, 'Health of the load workers, as in run.json.'),
    main: nullable(MAIN_HEALTH),
    host: nullable(HOST_HEALTH),
    local_limits: recordOf(
      LOCAL_LIMITS,
      number('Requests.'),
      'Error code → requests that found no descriptor, port or memory on the measuring machine.',
    ),
    keep_alive_races: number('Requests that failed because the server was closing their kept connection.'),
    deliveries: optional(
      object<NonNullable<Audit['deliveries']>>(
        {
          judged: number('Successes with enough output events to judge.'),
          once: number('Of those, successes whose events arrived all at once.'),
          bursts: number('Of those, successes whose events arrived in bursts.'),
        },
        'How responses arrived.',
      ),
    ),
    sent_share: nullable(number('Rate sent ÷ rate offered, in open loop.')),
    little: nullable(number(`${metricNamed('little')!.label}: 1 in a steady state.`)),
    token_share: recordOf(
      TOKEN_SOURCES,
      number('Share, 0 to 1.'),
      'Source of the output token counts → its share of the successes.',
    ),
    steady: nullable(STEADY),
    findings: list(string('A sentence.'), 'What the run shows about the server or the machine.'),
    finding_codes: codesIn(FINDING_CODES, 'findings'),
  },
  'The self-audit: what goodput found out about its own measurement.',
);

const GATE_RESULT = object<GateResult>(
  {
    gate: string('The gate as declared.'),
    by: optional(string('Key of the group; only of a gate of a group.')),
    group: optional(string('Name of the group; only of a gate of a group.')),
    value: nullable(number('Value of the figure, in `unit`; `null`: there is none, and the gate fails.')),
    unit: string('Unit of the figure.'),
    pass: boolean('The gate passed.'),
    ...PER_EVENT,
    uncertain: optional(oneOf([true], 'The true value may lie on the other side of the limit.')),
    invalid: optional(oneOf([true], 'The figure is impossible on the stated machine: the run is invalid.')),
    reason: optional(string('Why the result is uncertain or inconclusive, or why there is no value.')),
    confidence: optional(number('Confidence of the gate, 0 to 1.')),
    low: optional(nullable(number('Lower end of the interval, in `unit`; `null`: not bounded.'))),
    high: optional(nullable(number('Upper end of the interval, in `unit`; `null`: not bounded.'))),
    inconclusive: optional(oneOf([true], 'The limit lies within the interval, or there is no interval.')),
    more_requests: optional(nullable(number('Further requests needed; `null`: no number is enough.'))),
  },
  'Result of a gate.',
);

/** The verdict on a run. */
export const VERDICT = object<Summary['verdict']>(
  {
    status: oneOf(['pass', 'fail', 'invalid', 'none', 'interrupted'], 'Result; `none`: no gates.'),
    exitCode: number(
      'Exit code of the command that measured or judged the run. `goodput report` without --slo or --gate shows that of the run, and exits with 0.',
    ),
    gates: list(GATE_RESULT, 'Results of the gates.'),
    hint: nullable(string('What to do if nothing was decided.')),
  },
  'The verdict.',
);
