import { type ServerResponse } from 'node:http';
import { type ModeBook } from '../mode-book';
import { type Handler } from '../router';
import { type Answer, json } from '../wire';
import { type GatewayName } from './payment-book';

/** How each gateway words its troubles. */
export const troubleOf = (gateway: GatewayName, status: number, code: string, text: string): Answer => {
  if (gateway === 'razorpay')
    return json(status, { error: { code, description: text, source: 'NA', step: 'NA', reason: 'NA', metadata: {} } });
  if (gateway === 'stripe') return json(status, { error: { code, message: text, type: 'api_error' } });
  return json(status, { code, message: text, type: 'api_error' });
};

/** A gateway's API with the failure mode in force in front of it. Look-ups take nothing, so "accepted" means nothing here. */
export function withTroubles(gateway: GatewayName, modes: ModeBook, handle: Handler): Handler {
  return async (call, response) => {
    const setting = modes.pick(gateway);
    const delayMs = setting?.delayMs ?? 1_000;
    switch (setting?.mode) {
      case '429':
        return {
          ...troubleOf(gateway, 429, 'RATE_LIMITED', 'Too many requests'),
          headers: { 'retry-after': String(Math.ceil(delayMs / 1_000)) },
        };
      case '500':
      case '500-accepted':
        return troubleOf(gateway, 500, 'SERVER_ERROR', 'We are facing some trouble');
      case 'refused':
        return troubleOf(gateway, 401, 'UNAUTHORISED', 'Authentication failed');
      case 'hang':
      case 'hang-after-accept':
        await closed(response);
        return null;
      case 'reset-before':
      case 'reset-after-accept':
        response.destroy();
        return null;
      case 'bad-json':
        return { status: 200, type: 'text/html', body: '<html><body>Temporarily redirected by gateway' };
      case '200-with-error':
        return troubleOf(gateway, 200, 'SERVER_ERROR', 'We are facing some trouble');
      case 'slow':
        await Promise.race([new Promise((resolve) => setTimeout(resolve, delayMs)), closed(response)]);
        return handle(call, response);
      default:
        return handle(call, response);
    }
  };
}

const closed = (response: ServerResponse): Promise<void> =>
  response.destroyed ? Promise.resolve() : new Promise((resolve) => response.once('close', resolve));
