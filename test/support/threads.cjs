const { join } = require('node:path');
const threads = require('node:worker_threads');

const HOOK = join(__dirname, 'sources-in-threads.cjs');

/** Node starts the product's threads, and knows nothing of Jest: it is told how their sources are run. */
if (!threads.Worker.runsSources) {
  threads.Worker = class extends threads.Worker {
    static runsSources = true;

    constructor(file, options) {
      super(file, { ...options, execArgv: ['--require', HOOK] });
    }
  };
}
