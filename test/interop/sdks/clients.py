"""Asks goodput serve with the openai or the anthropic SDK of Python, as its users do. Takes {case: url} on stdin, prints {case: what came}."""

import json
import sys

KEY = "sk-interop"
ASK = [{"role": "user", "content": "a b c d"}]
CALL = {"city": "New York"}


def described(error):
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else {}
    return {
        "error": type(error).__name__,
        "status": getattr(error, "status_code", None),
        "code": getattr(error, "code", None),
        "type": inner.get("type") if isinstance(inner, dict) else None,
        "message": str(error),
        "id": getattr(error, "request_id", None),
    }


def openai_cases():
    import openai

    def client(url, key=KEY, retries=0):
        return openai.OpenAI(base_url=url, api_key=key, max_retries=retries)

    def chat(url, **more):
        given = {"model": "m", "messages": ASK, "max_tokens": 8, **more}
        answer = client(url).chat.completions.create(**given)
        message = answer.choices[0].message
        reasoning = (message.model_extra or {}).get("reasoning")
        return {
            "text": message.content,
            "reasoning": reasoning,
            "finish": answer.choices[0].finish_reason,
            "usage": [answer.usage.prompt_tokens, answer.usage.completion_tokens],
            "has_id": answer._request_id is not None,
        }

    def chat_stream(url):
        stream = client(url).chat.completions.create(
            model="m", messages=ASK, max_tokens=8, stream=True, stream_options={"include_usage": True}
        )
        text, reasoning, finish, usage = "", "", None, None
        for chunk in stream:
            for choice in chunk.choices:
                text += choice.delta.content or ""
                reasoning += (choice.delta.model_extra or {}).get("reasoning") or ""
                finish = choice.finish_reason or finish
            usage = chunk.usage or usage
        return {
            "text": text,
            "reasoning": reasoning,
            "finish": finish,
            "usage": usage and [usage.prompt_tokens, usage.completion_tokens],
        }

    def completion(url):
        answer = client(url).completions.create(model="m", prompt="a b c d", max_tokens=8)
        return {"text": answer.choices[0].text, "finish": answer.choices[0].finish_reason}

    def completion_stream(url):
        stream = client(url).completions.create(model="m", prompt="a b c d", max_tokens=8, stream=True)
        text, finish = "", None
        for chunk in stream:
            text += chunk.choices[0].text
            finish = chunk.choices[0].finish_reason or finish
        return {"text": text, "finish": finish}

    def response_of(answer):
        return {
            "text": answer.output_text,
            "status": answer.status,
            "usage": [answer.usage.input_tokens, answer.usage.output_tokens],
        }

    def response(url):
        return response_of(client(url).responses.create(model="m", input=ASK, max_output_tokens=8))

    def response_stream(url):
        text, reasoning, types, last = "", "", [], None
        for event in client(url).responses.create(model="m", input=ASK, max_output_tokens=8, stream=True):
            types.append(event.type)
            if event.type == "response.output_text.delta":
                text += event.delta
            if event.type == "response.reasoning_text.delta":
                reasoning += event.delta
            last = event
        if last.type == "error":
            return {"event": last.type, "code": last.code, "message": last.message}
        return {"text": text, "reasoning": reasoning, "status": last.response.status, "first": types[0]}

    def chat_history(url):
        function = {"name": "weather", "arguments": json.dumps(CALL, separators=(",", ":"))}
        calls = [{"id": "call_1", "type": "function", "function": function}]
        said = {"role": "assistant", "content": None, "reasoning_content": "I look", "tool_calls": calls}
        result = {"role": "tool", "tool_call_id": "call_1", "content": "20 C"}
        return chat(url, messages=[*ASK, said, result])["usage"]

    def response_history(url):
        first = client(url).responses.create(model="m", input=ASK, max_output_tokens=8)
        call = {
            "type": "function_call",
            "call_id": "call_1",
            "name": "weather",
            "arguments": json.dumps(CALL, separators=(",", ":")),
        }
        result = {"type": "function_call_output", "call_id": "call_1", "output": "20 C"}
        turn = [*ASK, *[item.to_dict() for item in first.output], call, result]
        return response_of(client(url).responses.create(model="m", input=turn, max_output_tokens=8))["usage"]

    def retried(url):
        answer = client(url, retries=2).chat.completions.create(model="m", messages=ASK, max_tokens=8)
        return answer.choices[0].message.content

    return {
        "chat": chat,
        "chat_stream": chat_stream,
        "completion": completion,
        "completion_stream": completion_stream,
        "response": response,
        "response_stream": response_stream,
        "chat_history": chat_history,
        "response_history": response_history,
        "no_key": lambda url: client(url, key="sk-wrong").chat.completions.create(model="m", messages=ASK),
        "no_model": lambda url: chat(url, model="other"),
        "too_long": lambda url: chat(url, max_tokens=5000),
        "bad_request": lambda url: chat(url, max_tokens=0),
        "retried": retried,
    }


def anthropic_cases():
    import anthropic

    def client(url, key=KEY, retries=0):
        return anthropic.Anthropic(base_url=url.removesuffix("/v1"), api_key=key, max_retries=retries)

    def ask(url, **more):
        given = {"model": "m", "messages": ASK, "max_tokens": 8, **more}
        return client(url).messages.create(**given)

    def text_of(content, kind="text", key="text"):
        return "".join(getattr(block, key) for block in content if block.type == kind)

    def shown(answer):
        return {
            "text": text_of(answer.content),
            "reasoning": text_of(answer.content, "thinking", "thinking"),
            "finish": answer.stop_reason,
            "usage": [answer.usage.input_tokens, answer.usage.output_tokens],
        }

    def message(url):
        answer = ask(url)
        return {**shown(answer), "has_id": answer._request_id is not None}

    def message_stream(url):
        with client(url).messages.stream(model="m", messages=ASK, max_tokens=8) as stream:
            text = "".join(stream.text_stream)
            answer = shown(stream.get_final_message())
        return {**answer, "same": text == answer["text"]}

    def message_raw_stream(url):
        usage = None
        for event in ask(url, stream=True):
            if event.type == "message_delta":
                usage = [event.usage.input_tokens, event.usage.output_tokens]
        return usage

    def message_history(url):
        first = ask(url)
        said = [
            *[block.to_dict() for block in first.content],
            {"type": "redacted_thinking", "data": "Zm9v"},
            {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": CALL},
        ]
        result = [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "20 C"}]
        turns = [*ASK, {"role": "assistant", "content": said}, {"role": "user", "content": result}]
        answer = ask(url, messages=turns)
        return [answer.usage.input_tokens + answer.usage.cache_read_input_tokens, answer.usage.output_tokens]

    def retried(url):
        answer = client(url, retries=2).messages.create(model="m", messages=ASK, max_tokens=8)
        return text_of(answer.content)

    return {
        "message": message,
        "message_stream": message_stream,
        "message_raw_stream": message_raw_stream,
        "message_history": message_history,
        "no_key": lambda url: client(url, key="sk-wrong").messages.create(model="m", messages=ASK, max_tokens=8),
        "no_model": lambda url: ask(url, model="other"),
        "too_long": lambda url: ask(url, max_tokens=5000),
        "bad_request": lambda url: ask(url, max_tokens=0),
        "retried": retried,
    }


def main():
    cases = {"openai": openai_cases, "anthropic": anthropic_cases}[sys.argv[1]]()
    came = {}
    for name, url in json.load(sys.stdin).items():
        try:
            # A case may be asked of several servers: what follows a blank tells them apart.
            came[name] = cases[name.split(" ")[0]](url)
        except Exception as error:  # noqa: BLE001
            came[name] = described(error)
    print(json.dumps(came))


main()
