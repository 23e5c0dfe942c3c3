import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { type PushContent, type SendRequest, type WhatsAppContent } from '@wapas/provider-kit';
import { messageOf as fcmMessageOf } from '@wapas/providers/fcm/fcm.message';
import { messageOf as whatsAppMessageOf } from '@wapas/providers/whatsapp-cloud/whatsapp-cloud.message';

/** Where the vendors' own schemas are kept, beside the repository; not everywhere there is such a place. */
const ROOT = join(__dirname, '..', '..');
const folder = ['..', '../..'].map((up) => join(ROOT, up, 'shared', 'reference', 'schemas')).find((path) => existsSync(path));

type Json = Record<string, unknown>;
const read = (name: string): Json => JSON.parse(readFileSync(join(folder as string, name), 'utf8')) as Json;
const NOW = Date.parse('2026-11-23T11:00:00+05:30');
const at = <C>(address: SendRequest['address'], content: C): SendRequest<C> => ({
  attemptId: 'msg-1.1',
  messageId: 'msg-1',
  address,
  content,
  validForSeconds: 780,
});

const PUSHES: readonly PushContent[] = [
  { title: 'Payment not completed', body: 'Your items are saved.' },
  { title: 'a', body: 'b', deepLink: 'shop://orders/1', data: { kind: 'payment_failed' }, collapseKey: 'order_1' },
  {
    title: 'a',
    body: 'b',
    deepLink: 'https://pay.example/WAPAS/x',
    androidChannel: 'payments',
    clickAction: 'OPEN',
    label: 't1',
  },
];
const TEMPLATES: readonly WhatsAppContent[] = [
  { template: 'plain_v1', language: 'en', body: [] },
  { template: 'payment_failed_v1', language: 'en_US', body: ['Asha', 'Rs 1,499'], buttonSuffix: 'abc123' },
  { template: 'with_header_v1', language: 'hi', body: ['आशा'], header: { kind: 'image', link: 'https://cdn.example/b.png' } },
  { template: 'text_header_v1', language: 'en', body: ['a'], header: { kind: 'text', text: 'Order 42' } },
  { template: 'stop_v1', language: 'en', body: ['a'], buttonSuffix: 'x', quickReplies: [{ index: 1, payload: 'stop:m' }] },
];

if (folder === undefined) {
  it("the vendors' schemas are not beside this repository, so bodies are not held against them", () => {
    process.stdout.write('Outbound bodies were not held against the official schemas: shared/reference/schemas is not there.\n');
  });
} else {
  describe('outbound bodies hold against the official schemas', () => {
    const ajv = addFormats(new Ajv({ strict: false, allErrors: true, logger: false }));
    const check = (validate: ValidateFunction, body: unknown): void => {
      validate(body);
      expect(validate.errors ?? []).toEqual([]);
    };

    const fcm = ajv.compile(schemaOfDiscovery(read('fcm-v1.discovery.trimmed.json'), 'Message'));
    it.each(PUSHES)('FCM: %j', (content) => {
      const message = fcmMessageOf(at({ kind: 'push_token', value: 'token-1' }, content), NOW);
      check(fcm, message);
      // What the discovery document does not say.
      expect(['token', 'topic', 'condition'].filter((target) => target in message)).toEqual(['token']);
      expect(JSON.stringify(message)).toMatch(/"ttl":"\d+(\.\d{1,9})?s"/);
    });
    it('FCM: a number in data, or a name that it does not know, would be found', () => {
      const message = fcmMessageOf(at({ kind: 'push_token', value: 'token-1' }, PUSHES[0] as PushContent), NOW);
      expect([fcm({ ...message, data: { amount: 1 } }), fcm({ ...message, collapse_key: 'x' })]).toEqual([false, false]);
    });

    const meta = ajv.compile(schemaOfMeta(read('meta-whatsapp-v23.trimmed.openapi.json'), 'TemplateMessage'));
    it.each(TEMPLATES)('WhatsApp: %j', (content) => {
      const message = whatsAppMessageOf(at({ kind: 'phone', value: '+919812345678' }, content));
      if (!message.ok) throw new Error(message.code);
      check(meta, message.body);
      expect(message.body).toMatchObject({ messaging_product: 'whatsapp', to: '919812345678', type: 'template' });
    });
    it('WhatsApp: a message without its template would be found', () =>
      expect(meta({ messaging_product: 'whatsapp', to: '919812345678', type: 'template', template: { name: 'x' } })).toBe(false));
  });
}

/** Google Discovery is not JSON Schema: references by bare name, `any`, and objects that would take anything. */
function schemaOfDiscovery(document: Json, root: string): Json {
  const convert = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(convert);
    if (typeof value !== 'object' || value === null) return value;
    const node = { ...value } as Json;
    delete node['id'];
    if (typeof node['$ref'] === 'string') return { $ref: `#/$defs/${node['$ref']}` };
    if (node['type'] === 'any') return {};
    const made = Object.fromEntries(Object.entries(node).map(([name, part]) => [name, convert(part)]));
    return typeof node['properties'] === 'object' && node['type'] === 'object' ? { ...made, additionalProperties: false } : made;
  };
  return { $ref: `#/$defs/${root}`, $defs: convert(document['schemas']) };
}

/** Meta's document refuses all of its own examples as it is; these are the relaxations that its notes measured. */
function schemaOfMeta(document: Json, root: string): Json {
  const copy = JSON.parse(JSON.stringify(document)) as Json;
  const set = (path: string, value: unknown): void => {
    const parts = path.split('/').slice(1);
    const last = parts.pop() as string;
    const parent = parts.reduce<Json>((node, part) => node[part] as Json, copy);
    parent[last] = value;
  };
  set('/components/schemas/BaseMessageProperties/required', ['type', 'to', 'messaging_product']);
  set('/components/schemas/LanguageObject/required', ['code']);
  // We write the index as a text and the kind of button in lower case, so both stay strict here.
  set('/components/schemas/TemplateComponent/properties/index', { type: 'string', pattern: '^[0-9]$' });
  set('/components/schemas/TemplateComponent/properties/sub_type', { enum: ['url', 'quick_reply'] });
  set('/components/schemas/ButtonComponent/allOf/1/properties/index', {});
  set('/components/schemas/ButtonComponent/allOf/1/properties/sub_type', {});
  const relax = (value: unknown, inAllOf: boolean): void => {
    if (typeof value !== 'object' || value === null) return;
    if (inAllOf && !Array.isArray(value)) delete (value as Json)['additionalProperties'];
    if (!Array.isArray(value)) delete (value as Json)['discriminator'];
    for (const [name, part] of Object.entries(value)) relax(part, name === 'allOf' || (inAllOf && Array.isArray(value)));
  };
  relax(copy, false);
  return { ...copy, $ref: `#/components/schemas/${root}` };
}
