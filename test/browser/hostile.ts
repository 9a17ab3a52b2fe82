/** Markup that runs a script if any part of it is not escaped. */
export const HOSTILE = [
  `<script>window.hacked = 'script'</script>`,
  `</script><script>window.hacked = 'end'</script>`,
  `"><img src=x onerror="window.hacked = 'image'">`,
  `'><svg onload="window.hacked = 'svg'">`,
  `<!-- <script>`,
  `\u202egnirts\u2066 \u0000\u001b[31m]]>`,
  `javascript:window.hacked='url'`,
];
