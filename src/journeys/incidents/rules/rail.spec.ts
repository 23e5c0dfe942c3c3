import { fullNameOf, isDownFor, methodsOf, partsOf, type RailAt, railsOf } from './rail';

it('a trigger names its rails in small letters, and only in its own words', () => {
  expect(railsOf({ properties: { method: 'UPI', bank: 'HDFC', gateway: 7, other: 'x' } })).toEqual([
    { dimension: 'method', value: 'upi' },
    { dimension: 'bank', value: 'hdfc' },
  ]);
  expect(railsOf({ properties: { method: 'x'.repeat(65) } })).toEqual([]);
});

it.each<[string, RailAt, readonly [boolean, boolean, boolean]]>([
  ['method:upi', { dimension: 'method', value: 'upi', gateway: null }, [true, true, true]],
  ['method:upi@razorpay', { dimension: 'method', value: 'upi', gateway: 'razorpay' }, [true, false, true]],
  ['method:card@razorpay', { dimension: 'method', value: 'card', gateway: 'razorpay' }, [false, false, false]],
  ['gateway:cashfree', { dimension: 'gateway', value: 'cashfree', gateway: null }, [false, true, false]],
])('%s is down for who went over it, and for who may have gone over it', (name, down, [here, there, somewhere]) => {
  const isHeld = (properties: Record<string, unknown>): boolean => isDownFor(railsOf({ properties }), down);
  expect(fullNameOf(down)).toBe(name);
  expect([
    isHeld({ method: 'upi', gateway: 'Razorpay' }),
    isHeld({ method: 'UPI', gateway: 'CASHFREE' }),
    isHeld({ method: 'upi' }),
  ]).toEqual([here, there, somewhere]);
});

describe('what is held by itself is taken out of a wider count', () => {
  const at = (dimension: RailAt['dimension'], value: string, gateway: string | null): RailAt => ({ dimension, value, gateway });
  const [upiHere, upiThere] = [at('method', 'upi', 'razorpay'), at('method', 'upi', 'cashfree')];
  const counted = [upiHere, upiThere, at('method', 'card', 'razorpay'), at('upi_handle', 'oksbi', 'razorpay')];
  const [upi, razorpay] = [at('method', 'upi', null), at('gateway', 'razorpay', null)];

  it.each<[string, readonly RailAt[], readonly RailAt[], readonly RailAt[]]>([
    ['nothing is held', [], [], []],
    ['the method is held at one gateway', [upiHere], [upiHere], [upiHere]],
    ['the method is held everywhere', [upi], [], []],
    ['a gateway is held', [razorpay], [upiHere], []],
    ['a part of the method is held at a gateway: it may be counted with the method already', [counted[3] as RailAt], [], []],
  ])('%s', (_case, held, ofMethod, ofGateway) => {
    expect(partsOf(upi, counted, held)).toEqual(ofMethod);
    expect(methodsOf(razorpay, counted, held)).toEqual(ofGateway);
  });
});
