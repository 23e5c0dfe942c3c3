import { createHash } from 'node:crypto';
import { type PushContent, type SendRequest } from '@wapas/provider-kit';

/** FCM keeps a message for at most four weeks. firebase.google.com/docs/cloud-messaging/concept-options, read 2026-11-23 */
const LONGEST_LIFE_SECONDS = 28 * 24 * 3_600;

/**
 * The body of `messages:send`, in lowerCamelCase as the discovery document lists it (revision 20250228, read 2026-11-23).
 * One tag on all platforms: a second push with the same tag replaces the first, which is what makes resending safe.
 */
export function messageOf(request: SendRequest<PushContent>, nowMillis: number): Record<string, unknown> {
  const { content } = request;
  const tag = content.collapseKey ?? request.messageId;
  // Push expires with the step: FCM would keep it for weeks and ask people to pay for what they already bought.
  const seconds = Math.min(Math.max(1, Math.floor(request.validForSeconds)), LONGEST_LIFE_SECONDS);
  return {
    token: request.address.value,
    notification: { title: content.title, body: content.body },
    data: { ...content.data, ...ours(request) },
    android: androidPart(content, tag, seconds),
    apns: apnsPart(request, tag, seconds, nowMillis),
    webpush: webpushPart(content, tag, seconds),
    ...(content.label === undefined ? {} : { fcmOptions: { analyticsLabel: content.label } }),
  };
}

/** Names that FCM keeps for itself; one of them makes the whole message a 400. */
export function reservedKeyIn(content: PushContent): string | undefined {
  return Object.keys(content.data ?? {}).find((key) =>
    /^(from|message_type|gcm|google|google\..*|gcm\.notification\..*)$/.test(key),
  );
}

/**
 * What FCM would refuse, found before the call; the code says what. 4,096 bytes of notification and data for a token: FCM
 * counts keys and values. firebase.google.com/docs/cloud-messaging/error-codes, read 2026-11-23
 */
export function faultOfContent(request: SendRequest<PushContent>): { code: string; detail?: string } | null {
  const { content } = request;
  const reserved = reservedKeyIn(content);
  if (reserved !== undefined) return { code: 'RESERVED_DATA_KEY', detail: reserved };
  if (content.label !== undefined && !/^[a-zA-Z0-9-_.~%]{1,50}$/.test(content.label)) return { code: 'BAD_LABEL' };
  const payload = { title: content.title, body: content.body, ...content.data, ...ours(request) };
  const bytes = Object.entries(payload).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return bytes > LARGEST_PAYLOAD ? { code: 'PAYLOAD_TOO_LARGE', detail: `${bytes} bytes` } : null;
}
const LARGEST_PAYLOAD = 4_096;

/** What the app sends back when the push is tapped, and where the tap leads. */
function ours(request: SendRequest<PushContent>): Record<string, string> {
  return {
    wapas_msg: request.messageId,
    wapas_attempt: request.attemptId,
    ...(request.content.deepLink === undefined ? {} : { deep_link: request.content.deepLink }),
  };
}

function androidPart(content: PushContent, tag: string, seconds: number) {
  return {
    priority: 'HIGH',
    ttl: `${seconds}s`,
    // Only four collapse keys per device at a time, so a message id must not become one; the tag alone does the replacing.
    ...(content.collapseKey === undefined ? {} : { collapseKey: content.collapseKey }),
    notification: {
      tag,
      ...(content.androidChannel === undefined ? {} : { channelId: content.androidChannel }),
      ...(content.clickAction === undefined ? {} : { clickAction: content.clickAction }),
    },
  };
}

function apnsPart(request: SendRequest<PushContent>, tag: string, seconds: number, nowMillis: number) {
  const expiration = Math.floor(nowMillis / 1_000) + seconds;
  return {
    headers: { 'apns-priority': '10', 'apns-expiration': String(expiration), 'apns-collapse-id': collapseIdOf(tag) },
    payload: { aps: { sound: 'default' }, ...ours(request) },
  };
}

/** APNs takes at most 64 bytes. developer.apple.com, "Sending notification requests to APNs", read 2026-11-23 */
function collapseIdOf(tag: string): string {
  return Buffer.byteLength(tag) <= 64 ? tag : createHash('sha256').update(tag).digest('base64url');
}

function webpushPart(content: PushContent, tag: string, seconds: number) {
  const link = content.deepLink;
  return {
    headers: { TTL: String(seconds) },
    notification: { title: content.title, body: content.body, tag },
    // A link must be https; an app scheme means nothing to a browser and would make the message a 400.
    ...(link?.startsWith('https://') ? { fcmOptions: { link } } : {}),
  };
}
