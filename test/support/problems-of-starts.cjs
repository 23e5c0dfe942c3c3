// Reads a list of environments from standard input and prints, for each, the problems with which a start would be refused. In plain
// Node, on what was built: what a package may be depends on how Node loads it, and Jest loads otherwise.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const built = (path) => require(join(__dirname, '../../dist/src', path));
const { readConfig, ConfigError } = built('config/config');
const { providerDefinitions } = built('app.module');
const { makeProviders } = built('channels/make-providers');

function problemsOf(env) {
  try {
    makeProviders(readConfig(env, providerDefinitions), {});
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [`not said as a problem: ${error.stack}`];
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(problemsOf)));
