// Runs after `npm ci`, also on a Node that is too old for everything else here: no syntax of later versions.
const OLDEST = [22, 19];

const isTooOld = (version) => {
  const [major, minor] = version.replace('v', '').split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
};

/** npm's own, where this script may run on the one from `node_modules/.bin`. */
const [, ofNpm = process.version] = /node\/(v\S+)/.exec(process.env.npm_config_user_agent || '') || [];

if (isTooOld(process.version)) {
  process.stderr.write(
    `goodput needs Node.js ${OLDEST.join('.')} or newer, this is ${process.version}, and none comes with it for ${process.platform} ${process.arch}: install Node.js 24.\n`,
  );
} else if (isTooOld(ofNpm)) {
  process.stderr.write(
    `npm runs on Node.js ${ofNpm}; the scripts run on ${process.version} from node_modules: use npm start, npm test and npx node.\n`,
  );
}
