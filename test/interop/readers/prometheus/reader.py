"""Prints what Prometheus' own Python client reads in a file of its text format, as JSON."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8") as file:
    families = text_string_to_metric_families(file.read())
    print(
        json.dumps(
            [
                {
                    "name": family.name,
                    "type": family.type,
                    "samples": [
                        {"name": s.name, "labels": s.labels, "value": s.value} for s in family.samples
                    ],
                }
                for family in families
            ]
        )
    )
