import { Injectable } from '@nestjs/common';
import { type ChannelDescription, type Content } from '@wapas/provider-kit';
import { type DltTemplate } from './rules/dlt-template';
import { faultsOfText, renderText, type TemplateFacts, type TemplateLink, usesLink } from './rules/render';
import { shapeOf, shapeOfDescription, type TemplateShape } from './rules/template-shapes';

type Template = Readonly<Record<string, unknown>>;

export type RenderedContent = { readonly ok: true; readonly content: Content } | { readonly ok: false; readonly missing: string };

/** Templates as journey files hold them: texts with named variables, in the shape their channel asks for. */
@Injectable()
export class Templates {
  /** `describe` knows the channels that providers bring along, `registered` the SMS templates as the operators know them. */
  constructor(
    private readonly describe: (channel: string) => ChannelDescription | undefined = () => undefined,
    private readonly registered: (id: string) => DltTemplate | undefined = () => undefined,
  ) {}

  /** What is wrong with a template for a channel, with pointers into it. Empty: it can be published. */
  faultsOf(channel: string, template: Template): { at: string; code: string; detail: string }[] {
    const shape = this.shapeOf(channel);
    if (!shape) return [{ at: '', code: 'unknown_channel', detail: `There is no channel "${channel}".` }];
    const shapeFaults = shape.faultsOf(template);
    if (shapeFaults.length > 0) return shapeFaults;
    const textFaults = shape
      .textsOf(template)
      .flatMap(({ at, text }) => faultsOfText(text).map((detail) => ({ at, code: 'bad_placeholder', detail })));
    return channel === 'sms' ? [...textFaults, ...this.faultsOfRegistered(template)] : textFaults;
  }

  /** Does it print a short link? Then one has to be made before it is rendered. */
  wantsLink(channel: string, template: Template): boolean {
    return usesLink((this.shapeOf(channel)?.textsOf(template) ?? []).map(({ text }) => text));
  }

  /** Puts facts in place. A missing one gives its name and no content: nothing half-rendered ever leaves. */
  render(channel: string, template: Template, facts: TemplateFacts, link: TemplateLink | undefined): RenderedContent {
    const shape = this.shapeOf(channel);
    if (!shape) return { ok: false, missing: `channel ${channel}` };
    const values = new Map<string, string>();
    for (const { at, text, sink } of shape.textsOf(template)) {
      const rendered = renderText(text, facts, link, sink);
      if (!rendered.ok) return rendered;
      values.set(at, rendered.text);
    }
    return { ok: true, content: shape.contentOf(template, values) };
  }

  /** Its variables must be those of the registered text, all of them and no other (rule 5). */
  private faultsOfRegistered({ id, variables }: Template): { at: string; code: string; detail: string }[] {
    const names = this.registered(String(id))?.variables;
    if (names === undefined) return [];
    const given = Object.keys(variables as object);
    const wrong = [...names.filter((name) => !given.includes(name)), ...given.filter((name) => !names.includes(name))];
    return wrong.map((name) => ({
      at: `/variables/${name}`,
      code: 'not_the_registered_variables',
      detail: `Rule 5. The registered template has the variables ${names.join(', ')}.`,
    }));
  }

  private shapeOf(channel: string): TemplateShape | undefined {
    const description = this.describe(channel);
    return shapeOf(channel) ?? (description && shapeOfDescription(description));
  }
}
