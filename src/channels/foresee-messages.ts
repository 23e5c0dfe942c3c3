import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config';
import { purposeOf } from '../profiles/profiles.api';
import { LintTemplates } from './lint-templates';
import { ProviderRegistry } from './provider-registry';
import { type CapLimits } from './rules/caps';
import { countryOf, isAllowedCountry } from './rules/country';
import { type MessageToPrepare, RequestMessages } from './request-messages';

/** How a message would turn out that nobody plans. */
export type ForeseenMessage =
  | {
      readonly state: 'planned';
      readonly provider: string;
      /** Where its channel reaches people. */
      readonly addressKind: string;
      /** The vendor's; null: not known, or the channel has none. */
      readonly category: string | null;
      /** What it is priced as while nobody has said a category; null: nothing is known of it. */
      readonly sentAs: string | null;
      /** How many SMS its text takes; null: not known, or no SMS. */
      readonly parts: number | null;
    }
  | { readonly state: 'skipped' | 'rejected'; readonly reason: string };

/** As long as a real one, and no link of anybody. */
const SAMPLE_TOKEN = 'SampleToken';

/** Says how messages would turn out, through the very code that plans them: rendered, linted, priced by parts. Plans and sends nothing. */
@Injectable()
export class ForeseeMessages {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'caps' | 'allowedCountries' | 'contact'>,
    @Inject(RequestMessages) private readonly requestMessages: RequestMessages,
    @Inject(LintTemplates) private readonly lintTemplates: LintTemplates,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
  ) {}

  /** How much a person may get today, over all journeys. */
  get limits(): CapLimits {
    return this.config.caps;
  }

  /** What consent is asked for beside withdrawals. */
  get policy(): Config['contact'] {
    return this.config.contact;
  }

  message(request: MessageToPrepare, language: string | null): ForeseenMessage {
    const link = { url: `${this.lintTemplates.link.prefix}${SAMPLE_TOKEN}`, token: SAMPLE_TOKEN };
    const { state, reason, provider, content, parts } = this.requestMessages.prepare(request, link, language);
    if (state !== 'planned' || provider === null || content === null)
      return { state: state === 'rejected' ? 'rejected' : 'skipped', reason: reason ?? 'failed' };
    const category = this.lintTemplates.categoryOf(provider, content);
    const sentAs = this.lintTemplates.sentAs(provider, content, request.purpose && purposeOf(request.purpose));
    return { state, provider, addressKind: this.providers.named(provider)?.addressKind ?? 'phone', category, sentAs, parts };
  }

  /** Where this E.164 number is at home (ISO 3166, null: nobody can say), and whether a message may go there today. */
  placeOf(e164: string): { readonly country: string | null; readonly isAllowed: boolean } {
    const country = countryOf(e164);
    return { country, isAllowed: isAllowedCountry(country, this.config.allowedCountries) };
  }
}
