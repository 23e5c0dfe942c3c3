import { Injectable } from '@nestjs/common';
import { type ChannelDescription, type Content } from '@wapas/provider-kit';
import { type WrittenTemplate } from './lint-templates';
import { type Finding, type StepAsk } from './rules/lint/linted';
import { faultsOfText, freeValuesIn, renderText, type TemplateFacts, type TemplateLink, usesLink } from './rules/render';
import { shapeOf, shapeOfDescription, type TemplateShape } from './rules/template-shapes';

type Template = Readonly<Record<string, unknown>>;

export type RenderedContent = { readonly ok: true; readonly content: Content } | { readonly ok: false; readonly missing: string };

/** Templates as journey files hold them: texts with named variables, in the shape their channel asks for. */
@Injectable()
export class Templates {
  /** `describe` knows the channels that providers bring along, `lint` the rules of the field. */
  constructor(
    private readonly describe: (channel: string) => ChannelDescription | undefined = () => undefined,
    private readonly lint: (written: WrittenTemplate, step: StepAsk | null) => readonly Finding[] = () => [],
  ) {}

  /** What is wrong with a template for a channel, with pointers into it. Empty: it can be published. `step`: null outside a journey. */
  faultsOf(channel: string, template: Template, step: StepAsk | null = null): Finding[] {
    const shape = this.shapeOf(channel);
    if (!shape) return [{ at: '', code: 'unknown_channel', detail: `There is no channel "${channel}".` }];
    const shapeFaults = shape.faultsOf(template);
    if (shapeFaults.length > 0) return shapeFaults;
    const texts = shape.textsOf(template);
    const textFaults = texts.flatMap(({ at, text }) =>
      faultsOfText(text).map((detail) => ({ at, code: 'bad_placeholder', detail })),
    );
    return [...textFaults, ...this.lint({ channel, template, texts, usesLink: usesLink(texts.map(({ text }) => text)) }, step)];
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

  /** What of an event's own properties a template prints: a shop may write anything there. */
  freeValuesOf(channel: string, template: Template, facts: TemplateFacts): string[] {
    return (this.shapeOf(channel)?.textsOf(template) ?? []).flatMap(({ text }) => freeValuesIn(text, facts));
  }

  private shapeOf(channel: string): TemplateShape | undefined {
    const description = this.describe(channel);
    return shapeOf(channel) ?? (description && shapeOfDescription(description));
  }
}
