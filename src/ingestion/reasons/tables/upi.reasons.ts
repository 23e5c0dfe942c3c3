import { type ReasonTable } from '../reason-classes';

/** Response codes of NPCI, which gateways and UPI apps pass on beside their own words. */
export const upiCodes: ReasonTable = {
  name: 'upi',
  title: 'UPI response codes of NPCI',
  origin: { from: 'https://dev.m2p.app/docs/upi/npci-error-codes', readOn: '2026-11-28', as: 'secondary' },
  codes: {
    pending: ['01', 'RB'],
    timeout: ['U09', 'U20', 'U23', 'U67', 'U68', 'UP'],
    infrastructure: ['15', '21', '32', '96', 'U03', 'U08', 'U13', 'U14', 'U15', 'U17', 'U18', 'U24', 'U25', 'U26', 'U28', 'U29', 'U31', 'UB', 'XT', 'XU', 'XY', 'Y1'], // prettier-ignore
    user_error: ['ZM', 'Z6', 'ZH', 'SP', 'RM', 'U11', 'B6'],
    insufficient_funds: ['Z9'],
    limit_exceeded: ['U02', 'Z7', 'Z8', 'ZU'],
    instrument: ['52', 'AJ', 'B1', 'B3', 'XB', 'XD', 'XH', 'XJ', 'XL', 'XN', 'XR', 'YA', 'YE', 'ZE', 'ZG', 'ZX'],
    payer_declined: ['U19', 'U22', 'U30', 'U69', 'YC', 'ZA'],
    risk: ['59', 'K1', 'U16', 'XV', 'XW', 'ZI'],
    business: ['12', 'U01', 'U04', 'U05', 'U06', 'U07', 'U10', 'U12', 'U21', 'X6', 'X7', 'XC', 'XE', 'XF', 'XG', 'XI', 'XK', 'XM', 'XO', 'XQ', 'XS', 'YB', 'YD', 'YF', 'Z5', 'ZY'], // prettier-ignore
  },
};
