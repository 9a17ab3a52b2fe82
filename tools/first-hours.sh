#!/usr/bin/env bash
# Types what three newcomers type in their first hour, in a terminal of 80 columns, and prints the transcript:
# an SRE with a server of their own, an engineer who compares two providers, a platform engineer who gates deploys.
# Everything runs on loopback. Fails if a line is wider than the terminal. Usage: tools/first-hours.sh [sre] [providers] [ci]
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/home"
printf '#!/bin/sh\nexec "%s/node_modules/.bin/node" "%s/src/bin.ts" "$@"\n' "$root" "$root" >"$work/bin/goodput"
chmod +x "$work/bin/goodput"
export PATH="$work/bin:$PATH" TERM=xterm NO_COLOR=1 GOODPUT_CACHE_DIR="$work/cache"
unset CI
cd "$work/home" || exit 1

# Starts a simulated server on a port, and waits until it listens.
server() {
  goodput serve --port "$@" >"$work/server-$1.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do
    grep -q "http://" "$work/server-$1.log" && return
    sleep 0.1
  done
}

# Types a command: runs it in a pseudo-terminal and prints what stays on the screen.
type_() {
  printf '$ %s\n' "$1"
  script -qec "stty cols 80 rows 50; $1" /dev/null </dev/null |
    "$root/node_modules/.bin/node" "$root/tools/screen.ts" 80 | sed -e "s#$work/home#~#g"
  echo
}

sre() {
  server 18431 --api-key-env THEIR_KEY --preset tiny
  export LLM_KEY=$THEIR_KEY BAD=sk-of-yesterday U=http://127.0.0.1:18431/v1
  type_ 'goodput probe --url http://127.0.0.1:18431'
  type_ 'goodput probe --url $U --api-key-env LLM_KEY'
  type_ 'goodput run --url http://127.0.0.1:18432/v1; echo "exit $?"'
  type_ 'goodput run --url $U; echo "exit $?"'
  type_ 'goodput run --url $U --api-key-env BAD; echo "exit $?"'
  type_ 'goodput run --url http://127.0.0.1:18431/v2 --api-key-env LLM_KEY'
  type_ 'goodput run --url $U --api anthropic'
  type_ 'goodput run --url $U --slo-preset chat'
  type_ 'goodput run --url $U --rate 5rps'
  type_ 'goodput help capactiy'
  type_ 'goodput run --url $U --api-key-env LLM_KEY --rate 8/s --duration 10s --warmup 2s --input-tokens 64 --output-tokens 16 --slo "ttft<=500ms,tpot<=50ms" --out reports/first'
  type_ 'goodput report reports/first --slo "ttft<=20ms" --gate "attainment>=90%"'
  type_ 'goodput sweep --url $U --api-key-env LLM_KEY --rate 2/s,8/s --output-tokens 16 --duration 4s --warmup 1s --out reports/sweep'
  type_ 'goodput capacity --url $U --api-key-env LLM_KEY --slo "ttft<=1s" --input-tokens 32 --output-tokens 8 --budget 20s'
}

providers() {
  server 18441 --preset tiny
  server 18442 --preset tiny --fault '429 share=10%'
  export A=http://127.0.0.1:18441/v1 B=http://127.0.0.1:18442/v1
  type_ 'goodput run --against $B --rate 5/s'
  type_ 'goodput run --url $B --against $A --rounds 3 --rate 8/s --duration 5s --warmup 1s --output-tokens 16 --slo "ttft<=300ms" --out rounds'
  type_ 'goodput compare rounds --format markdown | fold -s -w 80'
}

ci() {
  type_ 'goodput init perf/chat.yaml'
  export CI=1
  type_ 'goodput run perf/chat.yaml; echo "exit $?"'
  type_ 'goodput run --gate "error_rate <= 1%"; echo "exit $?"'
  server 18451 --preset tiny
  type_ 'goodput run perf/chat.yaml --url http://127.0.0.1:18451/v1 --rate 10/s --duration 10s --warmup 2s --out reports/candidate -o out/report.md -o out/junit.xml; echo "exit $?"'
  type_ 'goodput run --url simulated --gate "error_rate <= 1%" --duration 2s --warmup 0s --rate 5/s --quiet --format markdown --out reports/simulated | head -1 | fold -s -w 80'
  type_ 'mkdir reports/empty; goodput report reports/*'
  unset CI
}

export THEIR_KEY=sk-their-own-1234567890
for role in "${@:-sre providers ci}"; do for each in $role; do
  printf '### %s\n\n' "$each"
  "$each"
done; done | tee "$work/transcript"
"$root/node_modules/.bin/node" -e '
  const wide = require("fs").readFileSync(process.argv[1], "utf8").split("\n")
    .filter((line) => [...line].length > 80 && !line.startsWith("$ "));
  if (wide.length > 0) { console.error("wider than 80 columns:\n" + wide.join("\n")); process.exit(1); }
' "$work/transcript"
