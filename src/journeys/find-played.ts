import { Inject, Injectable } from '@nestjs/common';
import { Catalogue } from './catalogue';
import { ChangeJourneys } from './change-journeys';
import { compileVersion } from './rules/compile-version';
import { type JourneyVersion } from './rules/definition';
import { type JourneyDefinition } from './rules/journey-definition';
import { type DefinitionFault } from './rules/parse-definition';

/** What is tried without being let out: a version, or a definition that is not published. */
export type Played =
  | {
      readonly outcome: 'found';
      /** In words: `draft`, `definition` or `version 3`. */
      readonly played: string;
      readonly version: JourneyVersion;
      /** Null: it is published. */
      readonly definition: JourneyDefinition | null;
    }
  | { readonly outcome: 'unknown'; readonly what: 'journey' | 'version' }
  | { readonly outcome: 'refused'; readonly faults: readonly DefinitionFault[] };

/** Finds what somebody wants to try: the definition they give, the version they name, else the draft, else the newest version. */
@Injectable()
export class FindPlayed {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(ChangeJourneys) private readonly changes: ChangeJourneys,
  ) {}

  async find(key: string, asked: { readonly definition?: unknown; readonly version?: number }): Promise<Played> {
    if (asked.definition !== undefined) return this.unpublished('definition', asked.definition);
    if (asked.version === undefined) {
      const draft = await this.changes.findDraft(key);
      if (draft) return this.unpublished('draft', draft.definition);
    }
    const versions = this.catalogue.versionsOf(key);
    const found = asked.version === undefined ? versions[0] : versions.find((one) => one.version === asked.version);
    if (!found) return { outcome: 'unknown', what: versions.length === 0 ? 'journey' : 'version' };
    return { outcome: 'found', played: `version ${found.version}`, version: found.compiled, definition: null };
  }

  private unpublished(played: string, value: unknown): Played {
    const checked = this.catalogue.check(value);
    if (!checked.ok)
      return { outcome: 'refused', faults: checked.faults.map((fault) => ({ ...fault, at: `/definition${fault.at}` })) };
    return { outcome: 'found', played, version: compileVersion(checked.definition, 1), definition: checked.definition };
  }
}
