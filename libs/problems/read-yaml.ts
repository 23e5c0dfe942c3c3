import { parse, YAMLParseError } from 'yaml';
import { type Fault } from './problem';

export type ReadYaml = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly faults: readonly Fault[] };

/** A file of an operator's, YAML or JSON. What it is not is said with the line, as their editor counts it. Never throws on what a file says. */
export function readYaml(text: string): ReadYaml {
  try {
    return { ok: true, value: parse(text) as unknown };
  } catch (error) {
    // The first line of what the parser says; below it stands a piece of the file.
    const [said = ''] = error instanceof YAMLParseError ? error.message.split('\n') : [];
    const why = said.replace(/:$/, '').replace(/\.$/, '');
    return {
      ok: false,
      faults: [{ at: '/', code: 'not_yaml', detail: `This is no YAML${why === '' ? '' : `: ${why}`}. Mend it there.` }],
    };
  }
}
