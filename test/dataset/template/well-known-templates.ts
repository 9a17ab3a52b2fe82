/** Chat templates in the forms of well-known models, written anew. */

/** ChatML: Qwen, and many others. */
export const CHATML = `{% for message in messages %}
<|im_start|>{{ message.role }}
{{ message['content'] }}<|im_end|>
{% endfor %}
{% if add_generation_prompt %}
<|im_start|>assistant
{% endif %}`;

/** Llama 3, which begins with the bos_token. */
export const LLAMA3 = `{% for message in messages %}
{% set text = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}
{% if loop.index0 == 0 %}{% set text = bos_token + text %}{% endif %}
{{- text -}}
{% endfor %}
{%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}`;

/** Mistral 7B, whose roles have to alternate. */
export const MISTRAL = `{{ bos_token }}{% for message in messages %}
{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{- raise_exception('Conversation roles must alternate user/assistant') }}
{%- endif %}
{%- if message['role'] == 'user' %}
{{- '[INST] ' + message['content'] + ' [/INST]' }}
{%- elif message['role'] == 'assistant' %}
{{- message['content'] + eos_token }}
{%- else %}
{{- raise_exception('Only user and assistant roles are supported!') }}
{%- endif %}
{%- endfor %}`;

/** A template with tools, in the form of Hermes and Qwen 2.5: macros, namespaces, \`tojson\`, and the date as Llama 3.1 writes it. */
export const TOOLS = `{%- macro section(name, text) -%}
<|im_start|>{{ name }}
{{ text }}<|im_end|>
{% endmacro -%}
{%- set state = namespace(system='You are helpful.', calls=0) -%}
{%- if messages[0].role == 'system' %}{% set state.system = messages[0].content %}{% set messages = messages[1:] %}{% endif -%}
{%- if tools is not none and tools | length > 0 -%}
{{- section('system', state.system ~ '\\nToday: ' ~ strftime_now('%d %b %Y') ~ '\\n<tools>\\n' ~ tools | tojson ~ '\\n</tools>') -}}
{%- else -%}
{{- section('system', state.system) -}}
{%- endif -%}
{%- for message in messages -%}
{%- if message.tool_calls is defined -%}
{%- for call in message.tool_calls -%}
{%- set state.calls = state.calls + 1 -%}
{{- section('assistant', '<tool_call>' ~ {'name': call.function.name, 'arguments': call.function.arguments} | tojson(indent=2) ~ '</tool_call>') -}}
{%- endfor -%}
{%- elif message.role == 'tool' -%}
{{- section('user', '<tool_response>' ~ message.content ~ '</tool_response>') -}}
{%- else -%}
{{- section(message.role, message.content) -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif -%}
{%- if enable_thinking is defined and not enable_thinking %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif -%}`;
