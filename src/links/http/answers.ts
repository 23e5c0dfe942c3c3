import { type FastifyReply } from 'fastify';
import { type Config } from '../../config/config';
import { type Followed } from '../follow-link';
import { type GuessLimit } from '../guess-limit';
import { type PayView } from '../pay-by-link';
import { isPhone } from '../rules/device';
import { page, paragraph, sendPage } from '../../http/page';
import { payPage } from './pay-page';

/** Forms may be posted to us and to gateways, over https; plain http only where the sandbox plays the gateway. */
const formsMayGoTo = (sandbox: boolean): string => `'self' https:${sandbox ? ' http://127.0.0.1:*' : ''}`;

/** The pay page as it stands now, for this browser. */
export function sendView(
  reply: FastifyReply,
  view: PayView,
  { path, userAgent, config }: { path: string; userAgent: string | undefined; config: Config },
): void {
  if (view.show === 'leave')
    return void reply.status(303).header('cache-control', 'no-store').header('location', view.url).send();
  const { status, body } = payPage(view, { path, shopName: config.payments.shopName, isPhone: isPhone(userAgent) });
  if (status === 503) void reply.header('retry-after', '5');
  sendPage(reply, status, body, formsMayGoTo(config.mode === 'sandbox'));
}

/** The ends that links and pay pages have in common. */
export function sendEnd(reply: FastifyReply, { outcome }: { outcome: Exclude<Followed['outcome'], 'redirect' | 'pay'> }): void {
  const { status, title, text } = ENDS[outcome];
  if (status === 503) void reply.header('retry-after', '2');
  sendPage(reply, status, page(title, paragraph(text)));
}

/**
 * A link that is none. Who asks for many is told to wait. Links that are there lead on all the same: behind one proxy, or one carrier's
 * address, many people look like one.
 */
export function sendUnknown(reply: FastifyReply, guesses: GuessLimit, address: string): void {
  if (guesses.isOver(address)) return sendTooMany(reply);
  guesses.count(address);
  sendEnd(reply, { outcome: 'unknown' });
}

function sendTooMany(reply: FastifyReply): void {
  void reply.header('retry-after', '60');
  sendPage(reply, 429, page('One moment, please', paragraph('Please try again in a minute.')));
}

const ENDS = {
  settled: { status: 200, title: 'Already paid', text: 'This is settled already. There is nothing left for you to do.' },
  expired: { status: 410, title: 'This link has expired', text: 'Please open the app or the shop to go on.' },
  unknown: { status: 404, title: 'We do not know this link', text: 'Please check that it was copied whole.' },
  away: { status: 503, title: 'One moment, please', text: 'We cannot open this link right now. Please try again in a moment.' },
} as const;
