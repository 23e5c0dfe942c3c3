import { Inject, Injectable } from '@nestjs/common';
import { KeepBreakers } from './keep-breakers';
import { KeepPauses } from './keep-pauses';
import { LimitPeople } from './limit-people';
import { NoteAccountNews } from './note-account-news';
import { NoteMistakes } from './note-mistakes';

/** What of the providers a person should look at, in a sentence each. From memory: asked often, and the database may be away. */
@Injectable()
export class ProvidersInTrouble {
  constructor(
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(KeepBreakers) private readonly keepBreakers: KeepBreakers,
    @Inject(NoteMistakes) private readonly noteMistakes: NoteMistakes,
    @Inject(NoteAccountNews) private readonly noteAccountNews: NoteAccountNews,
    @Inject(LimitPeople) private readonly limitPeople: LimitPeople,
  ) {}

  lines(): string[] {
    const breakers = this.keepBreakers
      .standing()
      .map(
        ({ provider, openedAt, code }) =>
          `${provider} is left alone since ${openedAt.toISOString()}: its calls came to nothing (${code}); see GET /v1/providers`,
      );
    const pauses = this.keepPauses
      .known()
      .filter(({ isHold }) => !isHold)
      .map(
        ({ provider, scope, subject, marketingOnly, code }) =>
          `${scope === 'template' ? `the template ${subject} of ${provider}` : provider} is paused${marketingOnly ? ' for marketing' : ''} (${code})`,
      );
    return [...breakers, ...pauses, ...this.noteMistakes.lines(), ...this.noteAccountNews.lines(), ...this.limitPeople.lines()];
  }
}
