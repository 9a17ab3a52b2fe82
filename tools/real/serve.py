"""Runs llama.cpp's own HTTP server (inside the xllamacpp wheel) until standard input closes.

The wheel ships the server as a library, not as a program, so this file stands where `llama-server` would. It ends
when its standard input does: whatever happens to the process that started it, no server is left behind.
"""

import os
import sys

import xllamacpp


def main() -> None:
    model, alias, port, parallel, context, threads = sys.argv[1:7]
    params = xllamacpp.CommonParams()
    params.model.path = model
    # The default id is the file's path, which would carry a path of this machine into every chunk and run folder.
    params.model_alias = {alias}
    params.hostnames = ["127.0.0.1"]
    params.port = int(port)
    params.n_parallel = int(parallel)
    params.n_ctx = int(context) * int(parallel)  # llama.cpp divides it by the slots
    params.cpuparams.n_threads = int(threads)
    params.cpuparams_batch.n_threads = int(threads)
    params.cont_batching = True
    params.endpoint_metrics = True
    params.cache_ram_mib = 0  # no cache of prompts in host memory: every prompt is computed
    server = xllamacpp.Server(params)
    print(f"listening {server.listening_address}", flush=True)
    sys.stdin.buffer.read()
    # Not sys.exit: the library's destructor waits for its worker threads, which a request in flight would hold up.
    os._exit(0)


main()
