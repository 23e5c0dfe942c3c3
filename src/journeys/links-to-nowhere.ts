import { Inject, Injectable } from '@nestjs/common';
import { Templates } from '../channels/channels.api';
import { CONFIG, type Config } from '../config/config';
import { Catalogue } from './catalogue';

/**
 * Live journeys that print short links although none can be made: there is no address of the shop, no host that an event's own address
 * may be on, and no gateway for a pay page. Publishing takes them, as it takes a channel that nobody serves; but every such message
 * would be skipped, and nobody would notice what was forgotten.
 */
@Injectable()
export class LinksToNowhere {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(Templates) private readonly templates: Templates,
    @Inject(CONFIG) private readonly config: Pick<Config, 'links' | 'gateways'>,
  ) {}

  /** In words, for the health body. From memory: asked often. */
  lines(): string[] {
    const { links, gateways } = this.config;
    if (links.hosts.length > 0 || gateways.length > 0) return [];
    const keys = this.catalogue
      .entered()
      .filter(({ steps }) =>
        steps.some(({ channel, messages }) => messages.some(({ template }) => this.templates.wantsLink(channel, template))),
      )
      .map(({ key }) => key);
    if (keys.length === 0) return [];
    const journeys = [...new Set(keys)].sort().join(', ');
    return [
      `links have nowhere to lead, and ${journeys} print some: those messages are skipped (missing_link); set WAPAS_PAY_URL, WAPAS_LINK_HOSTS or the key of a gateway`,
    ];
  }
}
