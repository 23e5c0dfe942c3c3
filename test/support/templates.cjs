const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Before the first file: where the workers keep the database that they copy for each of their files (template.ts). */
module.exports = () => {
  const folder = mkdtempSync(join(tmpdir(), 'wapas-templates-'));
  process.env.WAPAS_TEST_TEMPLATES = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
};
