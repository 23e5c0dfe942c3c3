// Runs the simulation from its TypeScript, without a build: a mutant is a patch of the source text that this loader applies
// while it loads, so nothing in `src` knows of mutants, and what is simulated is what stands there now.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join, relative, sep } = require('node:path');
const { transformSync } = require('@swc/core');

const ROOT = join(__dirname, '..', '..');
const OURS = ['src', 'libs', 'test'].map((folder) => join(ROOT, folder) + sep);
const STAYS = new Set([join(__dirname, 'main.ts'), join(__dirname, 'mutants', 'mutants.ts'), __filename]);
const OPTIONS = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

/** Compiled text by file: it is compiled once, however often it is loaded. */
const compiled = new Map();
let patches = [];

function textOf(file) {
  const path = relative(ROOT, file).split(sep).join('/');
  const own = patches.filter((patch) => patch.file === path);
  if (own.length === 0 && compiled.has(file)) return compiled.get(file);
  let source = readFileSync(file, 'utf8');
  for (const { from, to } of own) {
    const parts = source.split(from);
    if (parts.length !== 2)
      throw new Error(`The patch of ${path} finds "${from}" ${parts.length - 1} times; it must be there once. Mend the mutant.`);
    source = parts.join(to);
    applied += 1;
  }
  const { code } = transformSync(source, { ...OPTIONS, filename: file });
  if (own.length === 0) compiled.set(file, code);
  return code;
}
let applied = 0;

// Before .json: where `words.ts` reads `words.json` beside it, `./words` means the former.
const { '.json': readJson } = Module._extensions;
delete Module._extensions['.json'];
Module._extensions['.ts'] = (module, file) => module._compile(textOf(file), file);
Module._extensions['.json'] = readJson;
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(this, request.startsWith('@wapas/') ? join(ROOT, 'libs', request.slice(7)) : request, ...rest);
};

/** The world, loaded anew with these patches in the source. */
exports.loadWorld = (wanted) => {
  for (const file of Object.keys(require.cache)) {
    if (OURS.some((folder) => file.startsWith(folder)) && !STAYS.has(file)) delete require.cache[file];
  }
  patches = wanted;
  applied = 0;
  try {
    const loaded = require('./world.ts');
    if (applied !== wanted.length)
      throw new Error(`${wanted.length - applied} patches name files that the simulation does not load.`);
    return loaded;
  } finally {
    patches = [];
  }
};

if (require.main === module) {
  require('reflect-metadata');
  require('./main.ts')
    .main(process.argv.slice(2), exports.loadWorld)
    .then(
      (code) => process.exit(code),
      (error) => {
        console.error(error);
        process.exit(2);
      },
    );
}
