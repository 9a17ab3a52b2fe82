// Prints one JSON object for each histogram of an HdrHistogram log.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	file, err := os.Open(os.Args[1])
	must(err)
	log := hdr.NewHistogramLogReader(file)
	out := json.NewEncoder(os.Stdout)
	for {
		histogram, err := log.NextIntervalHistogram()
		must(err)
		if histogram == nil {
			return
		}
		var tag any
		if histogram.Tag() != "" {
			tag = histogram.Tag()
		}
		must(out.Encode(map[string]any{
			"tag": tag, "start_ms": histogram.StartTimeMs(), "end_ms": histogram.EndTimeMs(),
			"count": histogram.TotalCount(), "min": histogram.Min(), "max": histogram.Max(),
			"mean": histogram.Mean(), "p50": histogram.ValueAtQuantile(50), "p99": histogram.ValueAtQuantile(99),
		}))
	}
}
