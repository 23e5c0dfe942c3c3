const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const root = join(__dirname, '../..');
/** As Jest has it: what a thread runs is what the test runs. */
const [[, options]] = Object.values(require('../../jest.config.cjs').projects[0].transform);

Module._extensions['.ts'] = (module, file) =>
  module._compile(transformSync(readFileSync(file, 'utf8'), { ...options, filename: file }).code, file);

const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...more) => resolve(request.replace(/^@wapas\//, `${root}/libs/`), ...more);
