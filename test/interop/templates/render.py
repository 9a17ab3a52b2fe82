"""Renders conversations with chat templates by transformers. Reads a list of cases as JSON from stdin, writes the prompts as JSON to stdout."""

import datetime
import json
import sys

from transformers.utils import chat_template_utils


class Fixed(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2025, 7, 4, 12, 5, 9)


chat_template_utils.datetime = Fixed
prompts = []
for case in json.load(sys.stdin):
    try:
        rendered, _ = chat_template_utils.render_jinja_template(
            [case["messages"]],
            tools=case["tools"],
            chat_template=case["template"],
            add_generation_prompt=True,
            **case["values"],
        )
        prompts.append(rendered[0])
    except Exception:
        prompts.append(None)
json.dump(prompts, sys.stdout)
