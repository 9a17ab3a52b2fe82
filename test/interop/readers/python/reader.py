"""Prints one JSON object for each histogram of an HdrHistogram log."""

import json
import sys

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

HIGHEST = 2**53 - 1
log = HistogramLogReader(sys.argv[1], HdrHistogram(1, HIGHEST, 3))
while (histogram := log.get_next_interval_histogram()) is not None:
    print(
        json.dumps(
            {
                "tag": histogram.get_tag(),
                "start_ms": histogram.get_start_time_stamp(),
                "end_ms": histogram.get_end_time_stamp(),
                "count": histogram.get_total_count(),
                "min": histogram.get_min_value() if histogram.get_total_count() else 0,
                "max": histogram.get_max_value(),
                "mean": histogram.get_mean_value(),
                "p50": histogram.get_value_at_percentile(50),
                "p99": histogram.get_value_at_percentile(99),
            }
        )
    )
