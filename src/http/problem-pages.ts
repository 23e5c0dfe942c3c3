import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Problem, send } from '@wapas/problems';
import { page, paragraph, sendPage } from './page';

/** What programs ask, besides the pages of the documentation: an operator who opens one of these in a browser wants what it says. */
const FOR_PROGRAMS = /^\/(v1|webhooks|health|metrics|docs)([/?-]|$)/i;

/**
 * Answers what a request ended with: a page for customers, a problem body for programs. Customers come by short links under `header` and
 * by preference links, however badly they were copied; a browser elsewhere is taken for one of them.
 */
export function answerProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem, header: string): void {
  if (!isOfCustomer(request, header)) return send(reply, problem);
  const { retryAfterSeconds, allow } = problem.extra;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  if (allow) void reply.header('allow', allow);
  const [title, text] = wordsOf(problem.status);
  sendPage(reply, problem.status, page(title, paragraph(text)));
}

/** A path of customers with a slash behind it is the path: some phones and mailers add one. */
export function withoutLastSlash(url: string, header: string): string {
  const [path = '', ...query] = url.split('?');
  return isPathOfCustomers(path, header) ? [path.replace(/(?<=[^/])\/+$/, ''), ...query].join('?') : url;
}

function isOfCustomer({ raw, headers }: FastifyRequest, header: string): boolean {
  const path = (raw.url ?? '').split('?', 1)[0] as string;
  return isPathOfCustomers(path, header) || (!FOR_PROGRAMS.test(path) && (headers.accept ?? '').includes('text/html'));
}

const isPathOfCustomers = (path: string, header: string): boolean =>
  [header.toLowerCase(), 'preferences'].includes(path.split('/', 2)[1]?.toLowerCase() ?? '');

function wordsOf(status: number): [title: string, text: string] {
  if (status === 429) return ['One moment, please', 'Please try again in a minute.'];
  if (status >= 500 || status === 408)
    return ['One moment, please', 'We cannot open this right now. Please try again in a moment.'];
  if (status === 413 || status === 415) return ['This did not work', 'Please go back and try again.'];
  return ['We do not know this link', 'Please check that it was copied whole.'];
}
