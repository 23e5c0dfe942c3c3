#!/usr/bin/env node
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { faultsOfNewProvider, filesOfNewProvider, firstStepsIn } from './new-provider';

const HELP = `Makes the folder of a new provider: it compiles, and fails the conformance kit until it is filled in.

  npm run new:provider -- NAME --channel sms      a folder of this tree: libs/providers/NAME
  npx wapas-new-provider NAME --channel sms       a package of its own: ./NAME

  --channel   push, whatsapp, sms, or a word of your own
  --into      another folder to make it in
`;

/** Gives the exit code. */
function main(): number {
  const given = read();
  if (given === null) return 2;
  const { values, positionals } = given;
  const [name, ...more] = positionals;
  if (values.help === true || name === undefined || more.length > 0 || values.channel === undefined) {
    process.stderr.write(HELP);
    return values.help === true ? 0 : 2;
  }
  const inTree = existsSync('libs/providers') && values.outside !== true;
  const wish = { name, channel: values.channel, outside: !inTree };
  const faults = faultsOfNewProvider(wish);
  const folder = join(values.into ?? (inTree ? 'libs/providers' : '.'), name);
  if (existsSync(folder)) faults.push(`${folder} is there already.`);
  if (faults.length > 0) {
    process.stderr.write(`${faults.join('\n')}\n`);
    return 1;
  }
  for (const { path, text } of filesOfNewProvider(wish)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  process.stdout.write(
    inTree
      ? `${folder} is there. Its line in src/app.module.ts is still missing; then: npx jest ${folder}\n`
      : firstStepsIn(folder),
  );
  return 0;
}

function read() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { channel: { type: 'string' }, into: { type: 'string' }, outside: { type: 'boolean' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return null; // A word that is no option of ours; Node's message names it.
  }
}

process.exitCode = main();
