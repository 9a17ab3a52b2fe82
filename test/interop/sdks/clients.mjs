/** The cases of clients.py with the SDKs of JavaScript: `{case: url}` on stdin, `{case: what came}` on stdout. */
import { text as readText } from 'node:stream/consumers';

const KEY = 'sk-interop';
const ASK = [{ role: 'user', content: 'a b c d' }];
const CALL = { city: 'New York' };

function described(error) {
  const body = error.error ?? null;
  const inner = body?.error ?? body;
  return {
    error: error.constructor.name,
    status: error.status ?? null,
    code: error.code ?? null,
    type: inner?.type ?? null,
    message: error.message,
    id: error.requestID ?? null,
  };
}

async function openaiCases() {
  const { default: OpenAI } = await import('openai');
  const client = (baseURL, { apiKey = KEY, maxRetries = 0 } = {}) =>
    new OpenAI({ baseURL, apiKey, maxRetries });

  async function chat(url, more = {}) {
    const given = { model: 'm', messages: ASK, max_tokens: 8, ...more };
    const answer = await client(url).chat.completions.create(given);
    const [{ message, finish_reason }] = answer.choices;
    return {
      text: message.content,
      reasoning: message.reasoning ?? null,
      finish: finish_reason,
      usage: [answer.usage.prompt_tokens, answer.usage.completion_tokens],
      has_id: typeof answer._request_id === 'string',
    };
  }

  async function chatStream(url) {
    const stream = await client(url).chat.completions.create({
      model: 'm',
      messages: ASK,
      max_tokens: 8,
      stream: true,
      stream_options: { include_usage: true },
    });
    const came = { text: '', reasoning: '', finish: null, usage: null };
    for await (const { choices, usage } of stream) {
      for (const { delta, finish_reason } of choices) {
        came.text += delta.content ?? '';
        came.reasoning += delta.reasoning ?? '';
        came.finish = finish_reason ?? came.finish;
      }
      if (usage) came.usage = [usage.prompt_tokens, usage.completion_tokens];
    }
    return came;
  }

  async function completion(url) {
    const answer = await client(url).completions.create({ model: 'm', prompt: 'a b c d', max_tokens: 8 });
    return { text: answer.choices[0].text, finish: answer.choices[0].finish_reason };
  }

  async function completionStream(url) {
    const given = { model: 'm', prompt: 'a b c d', max_tokens: 8, stream: true };
    const came = { text: '', finish: null };
    for await (const { choices } of await client(url).completions.create(given)) {
      came.text += choices[0].text;
      came.finish = choices[0].finish_reason ?? came.finish;
    }
    return came;
  }

  async function response(url, input = ASK) {
    const answer = await client(url).responses.create({ model: 'm', input, max_output_tokens: 8 });
    const usage = [answer.usage.input_tokens, answer.usage.output_tokens];
    return { text: answer.output_text, status: answer.status, usage };
  }

  async function responseStream(url) {
    const given = { model: 'm', input: ASK, max_output_tokens: 8, stream: true };
    const events = [];
    for await (const event of await client(url).responses.create(given)) events.push(event);
    const last = events.at(-1);
    if (last.type === 'error') return { event: last.type, code: last.code, message: last.message };
    const join = (type) =>
      events
        .filter((event) => event.type === type)
        .map(({ delta }) => delta)
        .join('');
    return {
      text: join('response.output_text.delta'),
      reasoning: join('response.reasoning_text.delta'),
      status: last.response.status,
      first: events[0].type,
    };
  }

  const call = { name: 'weather', arguments: JSON.stringify(CALL) };

  async function chatHistory(url) {
    const calls = [{ id: 'call_1', type: 'function', function: call }];
    const said = { role: 'assistant', content: null, reasoning_content: 'I look', tool_calls: calls };
    const result = { role: 'tool', tool_call_id: 'call_1', content: '20 C' };
    return (await chat(url, { messages: [...ASK, said, result] })).usage;
  }

  async function responseHistory(url) {
    const first = await client(url).responses.create({ model: 'm', input: ASK, max_output_tokens: 8 });
    const result = { type: 'function_call_output', call_id: 'call_1', output: '20 C' };
    const called = { type: 'function_call', call_id: 'call_1', ...call };
    return (await response(url, [...ASK, ...first.output, called, result])).usage;
  }

  async function retried(url) {
    const given = { model: 'm', messages: ASK, max_tokens: 8 };
    const answer = await client(url, { maxRetries: 2 }).chat.completions.create(given);
    return answer.choices[0].message.content;
  }

  return {
    chat,
    chat_stream: chatStream,
    completion,
    completion_stream: completionStream,
    response,
    response_stream: responseStream,
    chat_history: chatHistory,
    response_history: responseHistory,
    no_key: (url) =>
      client(url, { apiKey: 'sk-wrong' }).chat.completions.create({ model: 'm', messages: ASK }),
    no_model: (url) => chat(url, { model: 'other' }),
    too_long: (url) => chat(url, { max_tokens: 5000 }),
    bad_request: (url) => chat(url, { max_tokens: 0 }),
    retried,
  };
}

async function anthropicCases() {
  const { default: Anthropic } = await import('@anthropic-ai/sdk');
  const client = (url, { apiKey = KEY, maxRetries = 0 } = {}) =>
    new Anthropic({ baseURL: url.replace(/\/v1$/, ''), apiKey, maxRetries });
  const given = { model: 'm', messages: ASK, max_tokens: 8 };
  const ask = (url, more = {}) => client(url).messages.create({ ...given, ...more });
  const textOf = (content, type, key) =>
    content
      .filter((block) => block.type === type)
      .map((block) => block[key])
      .join('');
  const shown = ({ content, stop_reason, usage }) => ({
    text: textOf(content, 'text', 'text'),
    reasoning: textOf(content, 'thinking', 'thinking'),
    finish: stop_reason,
    usage: [usage.input_tokens, usage.output_tokens],
  });

  async function message(url) {
    const answer = await ask(url);
    return { ...shown(answer), has_id: typeof answer._request_id === 'string' };
  }

  async function messageStream(url) {
    let text = '';
    const stream = client(url).messages.stream(given);
    stream.on('text', (delta) => (text += delta));
    const answer = shown(await stream.finalMessage());
    return { ...answer, same: text === answer.text };
  }

  async function messageRawStream(url) {
    let came = null;
    for await (const { type, usage } of await ask(url, { stream: true })) {
      if (type === 'message_delta') came = [usage.input_tokens, usage.output_tokens];
    }
    return came;
  }

  async function messageHistory(url) {
    const { content } = await ask(url);
    const said = [
      ...content,
      { type: 'redacted_thinking', data: 'Zm9v' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: CALL },
    ];
    const result = [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '20 C' }];
    const turns = [...ASK, { role: 'assistant', content: said }, { role: 'user', content: result }];
    const { usage } = await ask(url, { messages: turns });
    return [usage.input_tokens + usage.cache_read_input_tokens, usage.output_tokens];
  }

  async function retried(url) {
    const answer = await client(url, { maxRetries: 2 }).messages.create(given);
    return textOf(answer.content, 'text', 'text');
  }

  return {
    message,
    message_stream: messageStream,
    message_raw_stream: messageRawStream,
    message_history: messageHistory,
    no_key: (url) => client(url, { apiKey: 'sk-wrong' }).messages.create(given),
    no_model: (url) => ask(url, { model: 'other' }),
    too_long: (url) => ask(url, { max_tokens: 5000 }),
    bad_request: (url) => ask(url, { max_tokens: 0 }),
    retried,
  };
}

const cases = await { openai: openaiCases, anthropic: anthropicCases }[process.argv[2]]();
const came = {};
for (const [name, url] of Object.entries(JSON.parse(await readText(process.stdin)))) {
  try {
    came[name] = await cases[name.split(' ')[0]](url);
  } catch (error) {
    came[name] = described(error);
  }
}
console.log(JSON.stringify(came));
