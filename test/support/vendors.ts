import { createHmac } from 'node:crypto';
import { type World } from './world';

/** A post as Meta makes it: one change, signed over its bytes unless told otherwise. Gives the status of the answer. */
export async function metaSays(
  world: World,
  field: string,
  value: unknown,
  signature?: string | ((proof: string) => string),
): Promise<number> {
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field, value }] }] });
  const proof = createHmac('sha256', world.env['WHATSAPP_APP_SECRET'] as string)
    .update(body)
    .digest('hex');
  const response = await fetch(`${world.url}/webhooks/providers/whatsapp-cloud`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': typeof signature === 'string' ? signature : `sha256=${signature?.(proof) ?? proof}`,
    },
    body,
  });
  return response.status;
}

/** A delivery report as MSG91 posts it, to the address that holds the given token. */
export async function msg91Says(
  world: World,
  report: unknown,
  token = world.env['MSG91_WEBHOOK_TOKEN'] as string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(`${world.url}/webhooks/providers/msg91/${token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(report),
  });
  return response.status;
}
