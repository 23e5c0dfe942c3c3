import { type DownRail, namesOf, waitsFor } from './rails';

const down = (rail: string, gateway: string | null = null): DownRail => ({ rail, gateway, reason: 'down' });
const atRazorpay = ['method:upi', 'upi_handle:oksbi', 'gateway:razorpay'];
const atCashfree = ['method:upi', 'gateway:cashfree'];
const somewhere = ['method:upi'];

it.each<[string, readonly DownRail[], readonly [boolean, boolean, boolean]]>([
  ['nothing', [], [false, false, false]],
  ['a method at every gateway', [down('method:upi')], [true, true, true]],
  ['a method at one gateway', [down('method:upi', 'razorpay')], [true, false, true]],
  ['it, at each of two gateways', [down('method:upi', 'razorpay'), down('method:upi', 'cashfree')], [true, true, true]],
  ['a gateway', [down('gateway:cashfree')], [false, true, false]],
  ['another method at one gateway', [down('method:card', 'razorpay')], [false, false, false]],
  ['a part of a method, at another gateway', [down('upi_handle:oksbi', 'cashfree')], [false, false, false]],
])('while %s is down, who wants to pay there waits, and so does who may', (_case, all, [here, there, unknown]) => {
  const names = namesOf(all);
  const isHeld = (rails: readonly string[]): boolean => waitsFor(rails).some((name) => names.has(name));
  expect([isHeld(atRazorpay), isHeld(atCashfree), isHeld(somewhere)]).toEqual([here, there, unknown]);
});
