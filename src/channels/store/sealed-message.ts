import { type Seals } from '@wapas/database';
import { fieldOf, type SealedColumn, SealError } from '@wapas/encryption';
import { type Content } from '@wapas/provider-kit';
import { type Guard } from '../rules/guard';

/** What was rendered, and the payment to ask a gateway about, which the event named: sealed together, for sealing costs by the value. */
interface Secret {
  readonly content: Content;
  /** Other wordings of its author's, in the order in which they are tried. */
  readonly others?: readonly Content[];
  readonly asks?: Guard['asks'];
}

/** The columns they are read from. `content` is that of a message from before texts were sealed; null once it is erased. */
export interface StoredContent {
  readonly content: Content | null;
  readonly sealed: Buffer | null;
}

export const messageColumn: SealedColumn = {
  table: 'message',
  column: 'sealed',
  key: [{ name: 'id', type: 'uuid' }],
  plain: {
    value: `case when content::text <> 'null' then json_build_object('content', content, 'asks', guard -> 'asks')::text end`,
    emptied: `content = null, guard = (guard::jsonb - 'asks')::json, template = content ->> 'template' || coalesce('/' || (content ->> 'language'), '')`,
  },
};
const FIELD = fieldOf(messageColumn);

/** Null for a message that has nothing to say: it was given up before it was rendered. */
export const sealMessage = (
  seals: Seals,
  { content, others, guard }: { content: Content | null; others: readonly Content[]; guard: Guard },
): Buffer | null =>
  content &&
  seals.seal(FIELD, JSON.stringify({ content, ...(others.length > 0 && { others }), asks: guard.asks } satisfies Secret));

/** Null when it is erased, or cannot be opened. */
export const contentIn = (seals: Seals, { content, sealed }: StoredContent): Content | null =>
  sealed ? (opened(seals, sealed)?.content ?? null) : content;

/** Every wording of a message, the first one first; empty when it is erased, or cannot be opened. */
export function wordingsIn(seals: Seals, { content, sealed }: StoredContent): readonly Content[] {
  if (!sealed) return content ? [content] : [];
  const secret = opened(seals, sealed);
  return secret?.content ? [secret.content, ...(secret.others ?? [])] : [];
}

/** The guard with what only the sealed part knows: where that cannot be opened nobody can be asked. */
export const guardIn = (seals: Seals, guard: Guard, sealed: Buffer | null): Guard =>
  sealed ? { ...guard, asks: opened(seals, sealed)?.asks } : guard;

/** Null when it is damaged or its key is gone: one such message must not keep the others of its batch from being sent. */
function opened(seals: Seals, sealed: Buffer): Secret | null {
  try {
    return JSON.parse(seals.openText(FIELD, sealed)) as Secret;
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
